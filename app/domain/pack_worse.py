"""The questions of "has it got worse?" in a pack: reading them, and finding their faults."""

from collections.abc import Iterator

from app.domain.condition import Answers, Pack, WorseQuestion
from app.domain.pack_names import can_be
from app.domain.pack_table import Table
from app.domain.triage import known_fields


def worse_question(source: object, faults: list[str]) -> WorseQuestion:
    """Read one `[[worse]]` of `condition.toml`."""
    name = source.get("id") if isinstance(source, dict) else None
    with Table(source, f"condition.toml, worse {name}", faults) as table:
        return WorseQuestion(
            id=table.word("id"),
            ask=table.text("ask"),
            title=table.text("title"),
            worse=_answers(table, "worse"),
            not_sure=_answers(table, "not_sure"),
            fills=_answers(table, "fills"),
            source=table.citations(),
        )


def _answers(table: Table, key: str) -> Answers:
    return {name: str(value) for name, value in table.table(key).items()}


def worse_faults(pack: Pack) -> Iterator[str]:
    """What is wrong with these questions, in words."""
    fields = known_fields(pack)
    seen: set[str] = set()
    for asked in pack.worse:
        where = f"worse {asked.id}"
        if asked.id in seen:
            yield f"{where}: the id is used twice"
        seen.add(asked.id)
        if not asked.source:
            yield f"{where}: it names no source"
        for key in ("worse", "not_sure"):
            if not getattr(asked, key):
                yield f"{where}: `{key}` says nothing"
        for given in (asked.worse, asked.not_sure, asked.fills):
            for name, value in given.items():
                if name not in fields:
                    yield f"{where}: unknown question {name}"
                elif not can_be(pack, name, value):
                    yield f"{where}: {name} has no answer {value}"
