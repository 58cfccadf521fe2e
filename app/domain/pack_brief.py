"""What a pack says of the doctor's page and the case brief: reading it, and finding its faults."""

from collections.abc import Iterator

from app.domain.condition import TRENDS, Brief, NerveFunction, Pack
from app.domain.pack_table import Table


def function_of(source: object, faults: list[str]) -> NerveFunction:
    """Read one `[[function]]` of `condition.toml`."""
    name = source.get("title") if isinstance(source, dict) else None
    with Table(source, f"condition.toml, function {name}", faults) as table:
        return NerveFunction(table.word("title"), table.words("signs"))


def brief_of(about: Table) -> Brief:
    """Read `[brief]` of `condition.toml`; without it, nothing has a place of its own."""
    with Table(about.table("brief"), f"{about.where}, brief", about.faults) as table:
        return Brief(
            table.word_or_none("worst_pain"), table.words("scans"), table.words("medicines")
        )


def brief_faults(pack: Pack) -> Iterator[str]:
    """Questions that nobody asks, signs told twice, and changes that lead nowhere."""
    seen: set[str] = set()
    for function in pack.functions:
        where = f"function {function.title}"
        if not function.signs:
            yield f"{where}: it names no sign"
        for name in function.signs:
            if name not in pack.questions or pack.questions[name].kind != "sign":
                yield f"{where}: {name} is not a yes-or-no sign of the form"
            if name in seen:
                yield f"{where}: {name} stands at another function, too"
            seen.add(name)
    worst = (pack.brief.worst_pain,) if pack.brief.worst_pain else ()
    for name in (*worst, *pack.brief.scans, *pack.brief.medicines):
        if name not in pack.questions:
            yield f"brief: unknown question {name}"
    for detail in pack.details.values():
        for option in detail.options:
            if option.trend is not None and option.trend not in TRENDS:
                yield (
                    f"details.{detail.id}: the trend of {option.value} must be one of "
                    f"{', '.join(TRENDS)}"
                )
