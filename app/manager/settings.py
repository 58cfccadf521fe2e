"""What the manager looks up: the rules in words, and who works here."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from app.access import now, packs, settings
from app.domain.condition import Pack, Rule, in_language
from app.domain.level import Level
from app.domain.wording import source_words
from app.manager import manager
from app.workflow import staff


@dataclass(frozen=True, slots=True)
class RuleInWords:
    """A rule of a pack as the page shows it."""

    rule: Rule
    looks_at: list[str]
    sources: list[str]


@manager.get("/")
def front() -> ResponseReturnValue:
    """The first of the settings."""
    return redirect(url_for("manager.week_list"), 303)


@manager.get("/rules")
def rules() -> ResponseReturnValue:
    """The rule base of each condition, with its sources and who answers for it."""
    return render_template(
        "manager/rules.html",
        packs=[(pack, list(_by_level(pack))) for pack in packs().values()],
        today=now().astimezone(settings().clinic_zone).date(),
    )


@manager.get("/staff")
def people() -> ResponseReturnValue:
    """Everybody who works here."""
    return render_template("manager/staff.html", people=staff.everybody())


def _by_level(pack: Pack) -> Iterator[tuple[Level, list[RuleInWords]]]:
    for level in sorted(Level, reverse=True):
        yield level, [_in_words(pack, rule) for rule in pack.rules if rule.level is level]


def _in_words(pack: Pack, rule: Rule) -> RuleInWords:
    fields = (name.partition(".")[0] for name in (rule.when.fields() if rule.when else ()))
    asked = (pack.questions[name] for name in dict.fromkeys(fields) if name in pack.questions)
    return RuleInWords(
        rule,
        looks_at=[in_language(question.title, "en") for question in asked],
        sources=[source_words(pack, citation) for citation in rule.source],
    )
