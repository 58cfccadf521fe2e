"""What it means that something has got worse since: answers that the rules know how to judge."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.domain.condition import NO, YES, Answers, Pack, Text, in_language
from app.domain.wording import in_both

SAME, WORSE, UNSURE = "same", "worse", "not_sure"
ANSWERS: Final[Mapping[str, Text]] = {
    SAME: {"en": "The same, or better", "hi": "वैसा ही है, या बेहतर", "mr": "तसेच आहे, किंवा बरे आहे"},
    WORSE: {"en": "Worse", "hi": "पहले से ज़्यादा ख़राब", "mr": "पूर्वीपेक्षा वाईट"},
    UNSURE: {"en": "I am not sure", "hi": "मुझे पक्का नहीं पता", "mr": "मला नक्की माहीत नाही"},
}


def merged(pack: Pack, answers: Answers, told: Mapping[str, str]) -> dict[str, str]:
    """The answers after somebody told of each question of the pack: same, worse or not sure.

    A sign that was there stays there: nothing that is told now takes a danger sign away.
    """
    found = dict(answers)
    for asked in pack.worse:
        if told.get(asked.id) == WORSE:
            fills = {name: value for name, value in asked.fills.items() if _open(pack, name, found)}
            found |= {**fills, **asked.worse}
        elif told.get(asked.id) == UNSURE:
            found |= {name: v for name, v in asked.not_sure.items() if found.get(name) != YES}
    return found


def _open(pack: Pack, name: str, answers: Answers) -> bool:
    """Whether a field was denied, or never answered."""
    question = pack.questions.get(name)
    return answers.get(name) in (None, NO, question.least if question else None)


def as_told(pack: Pack, told: Mapping[str, str], language: str) -> Iterator[dict[str, Any]]:
    """Each question with its answer in words, as a response keeps them."""
    for asked in pack.worse:
        asked_and_told = asked.ask, ANSWERS[told[asked.id]]
        english, seen = (
            [in_language(text, each) for text in asked_and_told] for each in ("en", language)
        )
        item = {"page": "worse", "field": f"worse.{asked.id}"}
        yield item | in_both(language, english, seen)
