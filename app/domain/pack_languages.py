"""The languages of a pack: who has checked each translation, and which texts are still missing.

What is not translated is shown in English, save for emergency texts: advice that a frightened
person cannot read is no advice, so a language without them is a fault.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Final

from app.domain.condition import Case, Pack, Rule, SignOff, Text
from app.domain.level import Level
from app.domain.pack_table import Table

AWAITS: Final = "awaits"


def translations_of(about: Table) -> dict[str, SignOff | None]:
    """The languages beside English that `condition.toml` names, and who has checked each."""
    where = f"{about.where}, translations"
    with Table(about.table("translations"), where, about.faults) as table:
        return {language: _checked_by(table, language) for language in table.source}


def _checked_by(table: Table, language: str) -> SignOff | None:
    state = table.raw(language)
    if language == "en":
        table.fault("`en` is no translation")
    if isinstance(state, dict):
        return table.sign_off(language)
    if state != AWAITS:
        table.fault(f"`{language}` must be “{AWAITS}”, or a table that says who has checked it")
    return None


def texts_of(pack: Pack) -> tuple[Text, ...]:
    """Every text that patients see, wherever in the pack it stands; the page counts as one."""
    return tuple(_texts_in(pack))


def _texts_in(part: object) -> Iterator[Text]:
    if isinstance(part, Mapping) and isinstance(part.get("en"), str):
        yield part
    elif isinstance(part, Mapping):
        yield from _texts_in(tuple(part.values()))
    elif isinstance(part, tuple):
        for each in part:
            yield from _texts_in(each)
    elif is_dataclass(part) and not isinstance(part, Rule | Case):
        yield from _texts_in(tuple(getattr(part, field.name) for field in fields(part)))


def untranslated(pack: Pack, language: str) -> tuple[Text, ...]:
    """The texts that patients who read this language still see in English."""
    return tuple(text for text in texts_of(pack) if language not in text)


def language_faults(pack: Pack) -> Iterator[str]:
    """Emergency texts that a language lacks, and texts in a language that nobody declared."""
    for where, text in _emergency_texts(pack):
        for language in pack.translations:
            if language not in text:
                yield f"{where}: an emergency text, and it is missing in {language}"
    for text in texts_of(pack):
        for language in sorted(set(text) - {"en", *pack.translations}):
            yield (
                f"“{_short(text)}” is also in {language}, "
                "which condition.toml does not name under `translations`"
            )


def _emergency_texts(pack: Pack) -> Iterator[tuple[str, Text]]:
    if Level.emergency in pack.card_intros:
        yield "card_intro emergency", pack.card_intros[Level.emergency]
    for card in pack.cards:
        if card.level is Level.emergency:
            yield f"card “{_short(card.text)}”", card.text
    for words in pack.emergency_words:
        yield f"emergency words “{_short(words.meaning)}”", words.meaning
        if words.say:
            yield f"emergency words “{_short(words.say)}”", words.say


def _short(text: Text) -> str:
    return text["en"][:40]
