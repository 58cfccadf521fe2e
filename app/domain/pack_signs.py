"""One vocabulary: what the page and its cards name, the form asks and a rule reads, or it says why.

Reasons stand in `condition.toml`, where a clinician reads and signs them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from app.domain.condition import LeftOut, Pack, PageSign
from app.domain.level import Level
from app.domain.pack_page import SOURCE_MARK, SYMPTOMS, parts_of
from app.domain.pack_table import Table

BULLET: Final = re.compile(r"^- (.+)$", re.MULTILINE)


def page_sign(source: object, faults: list[str]) -> PageSign:
    """Read one `[[page_sign]]` of `condition.toml`."""
    with Table(source, "condition.toml, a sign of the page", faults) as table:
        return PageSign(
            table.word("says"), table.words("signs"), table.word_or_none("no_question_because")
        )


def left_out(source: object, faults: list[str]) -> LeftOut:
    """Read one `[[no_card]]` or `[[no_rule]]`."""
    with Table(source, "condition.toml, signs that are left out", faults) as table:
        return LeftOut(table.words("signs"), table.word("because"))


def sign_faults(pack: Pack) -> Iterator[str]:
    """Where page, cards, questions and rules do not speak of the same signs."""
    yield from _page_faults(pack)
    yield from _card_faults(pack)
    yield from _question_faults(pack)
    yield from _reason_faults(pack, "no_card", pack.no_card, _on_cards(pack), "is on a card")
    yield from _reason_faults(
        pack, "no_rule", pack.no_rule, set(_levels(pack)), "is read by a rule"
    )


def _page_faults(pack: Pack) -> Iterator[str]:
    text = SOURCE_MARK.sub("", parts_of(pack.page_texts.get("en", "")).get(SYMPTOMS, ""))
    words, said = " ".join(text.split()), {each.says.rstrip(".") for each in pack.page_signs}
    for bullet in map(_plain, BULLET.findall(text)):
        if not any(bullet.startswith(says) for says in said):
            yield f"page.en.md says “{bullet}”, and no `page_sign` says which question asks it"
    for each in pack.page_signs:
        where = f"page_sign “{each.says[:40]}”"
        if each.says.rstrip(".") not in words:
            yield f"{where}: the part {SYMPTOMS} of page.en.md does not say so"
        if bool(each.signs) == bool(each.because):
            yield f"{where}: it needs either `signs` or `no_question_because`"
        for name in each.signs:
            if name not in pack.questions:
                yield f"{where}: unknown question {name}"


def _plain(bullet: str) -> str:
    return " ".join(bullet.split()).rstrip(".")


def _card_faults(pack: Pack) -> Iterator[str]:
    levels = _levels(pack)
    for card in pack.cards:
        for name in card.signs:
            if name in pack.questions and levels.get(name, Level.routine) < card.level:
                yield (
                    f"card “{card.text['en'][:40]}”: no rule of level {card.level.name} "
                    f"or above reads {name}"
                )


def _question_faults(pack: Pack) -> Iterator[str]:
    levels, shown = _levels(pack), _on_cards(pack)
    excused = {name for each in pack.no_card for name in each.signs}
    unread = {name for each in pack.no_rule for name in each.signs}
    for question in pack.questions.values():
        if question.kind != "sign":
            continue
        level = levels.get(question.id)
        if level is None and question.id not in unread:
            yield f"question {question.id}: no rule reads it, and no `no_rule` says why"
        if level is not None and level >= Level.urgent and question.id not in shown | excused:
            yield (
                f"question {question.id}: it can make a request {level.name} but is on no card, "
                "and no `no_card` says why"
            )


def _reason_faults(
    pack: Pack, where: str, reasons: Iterable[LeftOut], found: set[str], otherwise: str
) -> Iterator[str]:
    for name in (name for each in reasons for name in each.signs):
        if name not in pack.questions:
            yield f"{where}: unknown question {name}"
        elif name in found:
            yield f"{where}: {name} {otherwise}, so it needs no reason"


def _on_cards(pack: Pack) -> set[str]:
    return {name for card in pack.cards for name in card.signs}


def _levels(pack: Pack) -> dict[str, Level]:
    """The highest level of the rules that read each question."""
    found: dict[str, Level] = {}
    for rule in pack.rules:
        for field in rule.when.fields() if rule.when else ():
            name = field.partition(".")[0]
            found[name] = max(rule.level, found.get(name, rule.level))
    return found
