"""The scores of a case: which there are, working one out, and keeping it."""

from collections.abc import Iterator
from typing import Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.access import current_staff, now, packs, settings
from app.doctor import doctor
from app.doctor.kept_scores import Kept, as_kept, standing
from app.doctor.score_form import ScoreForm
from app.domain.condition import Answers, Pack
from app.domain.enquiry import Field
from app.domain.errors import AlreadyChanged, NotFound
from app.domain.scores import SCORES, SUPPORTS, Result, Score, work_out
from app.domain.wording import answer_words, question_words
from app.words import name_of
from app.workflow import scoring

NOTHING_KNOWN: Final = "Answer at least one item: there is nothing to keep yet"
CORRECTED_MEANWHILE: Final = "This was corrected a moment ago. Look at what was kept, below"


@doctor.get("/reviews/<reference>/scores")
def scores(reference: str) -> ResponseReturnValue:
    """The scores that fit the condition, with what was kept last."""
    at = now()
    found, rows = scoring.open_case(reference, current_staff(), at)
    kept = as_kept(rows)
    offered = _offered(packs().get(found.condition))
    return render_template(
        "doctor/scores.html",
        request=found,
        name=name_of(found.person),
        offered=offered,
        standing=standing(kept),
        kept=kept,
        names={score.name for score in offered},
        supports=SUPPORTS,
        at=at,
    )


@doctor.get("/reviews/<reference>/scores/<name>")
def score(reference: str, name: str) -> ResponseReturnValue:
    """The empty form of a score, or with `corrects` the answers of the row to be corrected."""
    case = _Case(reference, name)
    corrected = case.corrected(request.args.get("corrects"))
    form = ScoreForm(case.score, case.today, known=corrected.answers if corrected else None)
    return case.page(form, corrected)


@doctor.post("/reviews/<reference>/scores/<name>")
def work_out_or_keep(reference: str, name: str) -> ResponseReturnValue:
    """Show what the answers come to, and keep it if that was the button that was pressed."""
    case = _Case(reference, name)
    corrected = case.corrected(request.form.get("corrects"))
    form = ScoreForm(case.score, case.today, request.form)
    if not form.validate():
        return case.page(form, corrected, status=422)
    result = work_out(case.score, form.answers())
    if not form.keeps:
        return case.page(form, corrected, result)
    if not result.known and not corrected:
        first = form[case.score.items[0].name]
        first.errors = [NOTHING_KNOWN]
        return case.page(form, corrected, status=422)
    try:
        row = scoring.keep(
            reference,
            case.score,
            form.answers(),
            current_staff(),
            case.at,
            corrected.id if corrected else None,
        )
    except AlreadyChanged:
        form[case.score.items[0].name].errors = [CORRECTED_MEANWHILE]
        return _Case(reference, name).page(form, corrected, status=409)
    (kept,) = as_kept([row])
    flash(f"{kept.heading} is in the record.", "ok")
    return redirect(url_for("doctor.scores", reference=reference), 303)


class _Case:
    """A case that was opened for one score; raises NotFound when there is none of that name."""

    def __init__(self, reference: str, name: str) -> None:
        self.at = now()
        self.today = self.at.astimezone(settings().clinic_zone).date()
        self.request, rows = scoring.open_case(reference, current_staff(), self.at)
        self.pack = packs().get(self.request.condition)
        self.kept = as_kept(rows)
        offered = {score.name: score for score in _offered(self.pack)}
        if name not in offered:
            raise NotFound
        self.score = offered[name]

    def corrected(self, row_id: str | None) -> Kept | None:
        """The kept row that is to be corrected; raises NotFound for one that is not of here."""
        if not row_id:
            return None
        for each in self.kept:
            if str(each.id) == row_id and each.name == self.score.name:
                return each
        raise NotFound

    def page(
        self,
        form: ScoreForm,
        corrected: Kept | None,
        result: Result | None = None,
        status: int = 200,
    ) -> Response:
        """The form, with what it comes to once that was asked."""
        answers = self.request.response.answers
        page = render_template(
            "doctor/score.html",
            request=self.request,
            name=name_of(self.request.person),
            score=self.score,
            form=form,
            result=result,
            hints={item.name: list(self._hints(item.name, answers)) for item in self.score.items},
            beside={item.name: self._beside(item.beside) for item in self.score.items},
            corrected=corrected,
            kept=[each for each in self.kept if each.name == self.score.name],
            errors=form.errors(),
            supports=SUPPORTS,
            today=self.today,
            at=self.at,
        )
        return make_response(page, status)

    def _hints(self, item: str, answers: Answers) -> Iterator[tuple[str, str]]:
        """What the patient answered to the questions beside an item."""
        if self.pack is None:
            return
        for name in self.pack.scores[self.score.name][item]:
            if value := answers.get(name):
                field = Field(name, self.pack.questions[name], None)
                yield question_words(field, "en"), answer_words(field, value, "en")

    def _beside(self, name: str) -> Kept | None:
        """The newest standing value of another score that tells something about an item."""
        return next((each for each in standing(self.kept) if each.name == name), None)


def _offered(pack: Pack | None) -> list[Score]:
    return [score for name, score in SCORES.items() if pack and name in pack.scores]
