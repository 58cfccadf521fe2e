"""Which scores a condition offers to doctors, and which answers stand beside their items."""

from collections.abc import Iterator, Mapping

from app.domain.condition import Pack
from app.domain.pack_table import Table
from app.domain.scores import SCORES


def scores_of(about: Table) -> dict[str, Mapping[str, tuple[str, ...]]]:
    """The scores that `condition.toml` names, each with the questions beside its items."""
    offered = about.words("scores")
    for name in offered:
        if name not in SCORES:
            about.fault(f"unknown score {name}; there are {', '.join(SCORES)}")
        if offered.count(name) > 1:
            about.fault(f"the score {name} is named {offered.count(name)} times")
    with Table(about.table("score_hints"), f"{about.where}, score_hints", about.faults) as hints:
        return {name: _hints_of(name, hints) for name in dict.fromkeys(offered) if name in SCORES}


def _hints_of(name: str, hints: Table) -> dict[str, tuple[str, ...]]:
    with Table(hints.table(name), f"{hints.where}.{name}", hints.faults) as table:
        return {item.name: table.words(item.name) for item in SCORES[name].items}


def score_faults(pack: Pack) -> Iterator[str]:
    """Hints that name a question which nobody asks."""
    for name, items in pack.scores.items():
        for item, questions in items.items():
            for question in questions:
                if question not in pack.questions:
                    where = f"condition.toml, score_hints.{name}"
                    yield f"{where}: {item} names an unknown question {question}"
