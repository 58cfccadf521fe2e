"""The names of a pack: those that conditions may use, and the answers that a field can have."""

from collections.abc import Mapping

from app.domain.condition import DETAILS, NO, NOT_SURE, YES, Detail, Pack
from app.domain.pack_table import Table
from app.domain.rule import Vocabulary

SIGN_ANSWERS = frozenset({YES, NO, NOT_SURE})


def names_of(questions: list[object], details: Mapping[str, Detail], triage: Table) -> Vocabulary:
    """Gather the names from the tables of the questions and from `triage.toml`."""
    values: dict[str, frozenset[str]] = {}
    numbers: set[str] = set()
    for source in questions:
        if not isinstance(source, dict) or not isinstance(source.get("id"), str):
            continue
        name, kind = source["id"], source.get("kind")
        if kind == "sign":
            values[name] = SIGN_ANSWERS
        elif kind == "number":
            numbers.add(name)
        elif kind == "choice":
            values[name] = frozenset(
                str(option.get("value"))
                for option in _listed(source, "options")
                if isinstance(option, dict)
            )
        # A sign without a follow-up still has its three details: they take the safe default,
        # so that `active fever` can be said of every sign.
        if kind == "sign":
            for detail in DETAILS:
                options = details[detail].options if detail in details else ()
                own = map(str, _listed(source, "sides")) if detail == "side" else ()
                values[f"{name}.{detail}"] = frozenset([*(o.value for o in options), *own])
    groups = triage.table("groups")
    for name in groups:
        if not _listed(groups, name):
            triage.fault(f"the group {name} must be a list of names")
    members = {name: [str(member) for member in _listed(groups, name)] for name in groups}
    return Vocabulary(
        values, frozenset(numbers), triage.table("words"), members, triage.table("facts")
    )


def _listed(source: Mapping[str, object], key: str) -> list[object]:
    """The list, or an empty one where something else stands."""
    found = source.get(key)
    return found if isinstance(found, list) else []


def can_be(pack: Pack, field: str, value: str) -> bool:
    """Whether a field of the pack can have that answer."""
    name, _, detail = field.partition(".")
    question = pack.questions[name]
    if detail:
        found = pack.details.get(detail)
        return found is None or value in {option.value for option in found.options}
    if question.kind == "sign":
        return value in {YES, NO, NOT_SURE}
    if question.kind == "number":
        return value.isdecimal()
    return question.kind != "choice" or question.option(value) is not None
