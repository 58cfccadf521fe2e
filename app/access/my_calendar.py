"""The calendar feed: the page on which a person makes it, and the address that calendars read."""

from typing import Final

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import calendar_file
from app.access import access, current_staff, now, settings
from app.workflow import feed

FRESH_SECONDS: Final = int(calendar_file.FRESH_FOR.total_seconds())


@access.get("/my-calendar")
def my_calendar() -> ResponseReturnValue:
    """Whether the person has a feed, and a button to make or to end it."""
    return _page(None)


@access.post("/my-calendar")
def make_feed() -> ResponseReturnValue:
    """Make a new feed, and show its address: this once, because only its hash is kept.

    Pressed twice, the address of the second press counts.
    """
    return _page(feed.make(current_staff(), now()))


@access.post("/my-calendar/end")
def end_feed() -> ResponseReturnValue:
    """End the feed."""
    feed.revoke(current_staff(), now())
    flash("Your calendar address does not work any more.", "ok")
    return redirect(url_for("access.my_calendar"), 303)


def _page(secret: str | None) -> Response:
    address = ""
    if secret:
        address = settings().public_base_url + url_for("access.calendar_feed", secret=secret)
    page = render_template(
        "access/my_calendar.html", address=address, has_one=current_staff().feed_hash is not None
    )
    return make_response(page)


@access.get("/calendar/<secret>.ics")
def calendar_feed(secret: str) -> Response:
    """A person's visits for a calendar program, which cannot sign in: the secret lets it in."""
    person = feed.owner(secret)
    visits = feed.visits(person, now())
    response = make_response(calendar_file.feed(visits, settings(), named=not person.bookable))
    response.content_type = "text/calendar; charset=utf-8"
    response.headers["Cache-Control"] = f"private, max-age={FRESH_SECONDS}"
    response.headers["X-Robots-Tag"] = "noindex"
    response.add_etag()
    return response.make_conditional(request)
