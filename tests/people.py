"""The people who use the site. Every page that they fetch is checked as they go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, ClassVar, Final, Self

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.builders import PASSWORD, a_staff_member

VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
DATA = "application/ld+json"
SPOKEN_BY_ITSELF = frozenset({"hidden", "submit", "button"})


@dataclass(eq=False)
class Element:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)
    parent: Element | None = None

    def all(self, *tags: str) -> Iterator[Element]:
        """Every element below with one of these tags, or every one."""
        for child in self.children:
            if isinstance(child, Element):
                if not tags or child.tag in tags:
                    yield child
                yield from child.all(*tags)

    def inside(self, tag: str) -> bool:
        """Whether it lies in an element with that tag."""
        above = self.parent
        return above is not None and (above.tag == tag or above.inside(tag))

    @property
    def text(self) -> str:
        """Its words, with single blanks."""
        return " ".join(" ".join(self._words()).split())

    def _words(self) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            else:
                yield from child._words()


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top = self.here = Element("document", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        new = Element(tag, {name: value or "" for name, value in attrs}, parent=self.here)
        self.here.children.append(new)
        if tag not in VOID:
            self.here = new

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Element(tag, dict(attrs), parent=self.here))  # type: ignore[arg-type]

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"</{tag}> closes <{self.here.tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


class Page:
    """A page as it arrived: read, and checked for what every page owes its readers."""

    def __init__(self, response: TestResponse, path: str) -> None:
        self.response, self.path = response, path
        self.status, self.html = response.status_code, response.get_data(as_text=True)
        builder = _Builder()
        builder.feed(self.html)
        self.top = builder.top
        self._check()

    @property
    def title(self) -> str:
        """What the tab says."""
        return next(self.top.all("title")).text

    @property
    def h1(self) -> str:
        """The heading."""
        return next(self.top.all("h1")).text

    @property
    def text(self) -> str:
        """The words of the main part."""
        return next(self.top.all("main")).text

    def links(self) -> dict[str, str]:
        """The links by their words."""
        return {link.text: link.attributes["href"] for link in self.top.all("a")}

    def form(self, action: str | None) -> Element:
        """The form that goes to that address; None is the page's own."""
        for form in self.top.all("form"):
            if form.attributes.get("action") == action:
                return form
        raise AssertionError(f"{self.path} has no form that goes to {action}")

    def _check(self) -> None:
        assert self.title, f"{self.path} has no title"
        headings = list(self.top.all("h1"))
        assert len(headings) == 1, f"{self.path} has {len(headings)} main headings"
        assert headings[0].text, f"{self.path} has an empty main heading"
        assert next(self.top.all("html")).attributes.get("lang"), f"{self.path} names no language"
        ids = [each.attributes["id"] for each in self.top.all() if "id" in each.attributes]
        assert len(ids) == len(set(ids)), f"{self.path} uses an id twice"
        self._check_labels(set(ids))
        self._check_forms()
        self._check_nothing_inline()

    def _check_labels(self, ids: set[str]) -> None:
        labelled = {label.attributes.get("for") for label in self.top.all("label")}
        assert labelled - {None} <= ids, f"{self.path} has a label for nothing"
        for control in self.top.all("input", "select", "textarea"):
            if control.attributes.get("type") in SPOKEN_BY_ITSELF:
                continue
            named = control.attributes.get("id") in labelled or control.inside("label")
            name = control.attributes.get("name")
            assert named or "aria-label" in control.attributes, f"{self.path}: {name} has no label"
        for each in self.top.all():
            told = each.attributes.get("aria-describedby", "").split()
            told += each.attributes.get("aria-labelledby", "").split()
            assert set(told) <= ids, f"{self.path}: {told} is described by nothing"

    def _check_forms(self) -> None:
        for form in self.top.all("form"):
            if form.attributes.get("method", "get").lower() == "post":
                names = {each.attributes.get("name") for each in form.all("input")}
                assert "csrf_token" in names, f"{self.path} has a form without a token"

    def _check_nothing_inline(self) -> None:
        assert not list(self.top.all("style")), f"{self.path} has inline style"
        for each in self.top.all():
            assert "style" not in each.attributes, f"{self.path} has inline style"
            scripted = [name for name in each.attributes if name.startswith("on")]
            assert not scripted, f"{self.path} has inline script"
            if each.tag == "script" and each.attributes.get("type") != DATA:
                assert "src" in each.attributes, f"{self.path} has inline script"


class Visitor:
    """Somebody with a browser; `page` is what it shows now."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.page: Page

    def get(self, path: str, status: int = 200) -> Page:
        """Open an address and follow where it leads."""
        return self._look(self.client.get(path, follow_redirects=True), path, status)

    def post(self, path: str, fields: dict[str, Any], status: int = 200) -> Page:
        """Send fields without looking at a form."""
        return self._look(self.client.post(path, data=fields, follow_redirects=True), path, status)

    def send(self, action: str, status: int = 200, **given: Any) -> Page:
        """Fill in the form of this page that goes to `action`, press its button, and follow.

        Fields that are not named keep what the page gives them; a dot in a name is written `__`.
        """
        fields = filled_in(self.page.form(action))
        for name, value in given.items():
            fields.setlist(name.replace("__", "."), value if isinstance(value, list) else [value])
        response = self.client.post(action, data=fields, follow_redirects=True)
        return self._look(response, action, status)

    def _look(self, response: TestResponse, path: str, status: int) -> Page:
        assert response.status_code == status, f"{path} gives {response.status_code}"
        self.page = Page(response, response.request.path)
        return self.page


def filled_in(form: Element) -> MultiDict[str, str]:
    """What a browser would send of a form that nobody has touched."""
    fields: MultiDict[str, str] = MultiDict()
    for control in form.all("input", "select", "textarea"):
        found = control.attributes
        if "name" not in found:
            continue
        if control.tag == "textarea":
            fields.add(
                found["name"], "".join(c for c in control.children if isinstance(c, str))[1:]
            )
        elif control.tag == "select":
            options = list(control.all("option"))
            chosen = [each for each in options if "selected" in each.attributes] or options[:1]
            fields.add(found["name"], chosen[0].attributes["value"] if chosen else "")
        elif found.get("type") not in ("checkbox", "radio") or "checked" in found:
            fields.add(found["name"], found.get("value", ""))
    return fields


# Somebody of 61 whose lower back has ached for years, and whom nothing else troubles.
WELL: Final[Mapping[str, Any]] = {
    "for_whom": "self",
    "cancer_status": "none",
    "pain_site": "low_back",
    "pain_onset": "gt_3m",
    "pain_course": "same",
    "first_episode": "no",
    "age": "61",
    "wanted": "visit",
    "name": "Asha Patil",
    "caller_name": "Rupali Patil",
    "phone": "98765 43210",
    "speaks": "mr",
    "consent": "yes",
}


class Patient(Visitor):
    """A patient, or a relative. Nobody who comes in by the public door signs in."""

    place: ClassVar[str] = "/spinal-metastasis/enquiry"

    @property
    def at(self) -> str:
        """The page where they are, as in `danger-signs`; empty on the start page."""
        return self.page.path.removeprefix(self.place).removeprefix("/")

    def opens(self, page: str = "", status: int = 200) -> Page:
        """Go to a page of the enquiry."""
        return self.get(f"{self.place}/{page}".rstrip("/"), status)

    def continues(self, status: int = 200, /, **given: Any) -> Page:
        """Answer this page, press its button, and see where it leads.

        What is not given keeps what the page shows; a dot in a name is written `__`.
        """
        fields = filled_in(self._form())
        for name, value in given.items():
            fields.setlist(name.replace("__", "."), value if isinstance(value, list) else [value])
        path = self.page.path
        return self._look(self.client.post(path, data=fields, follow_redirects=True), path, status)

    def begins(self, **given: Any) -> Page:
        """Start an enquiry: danger signs come first."""
        self.opens()
        return self.continues(**{"for_whom": WELL["for_whom"], **given})

    def answers(self, until: str, /, **given: Any) -> list[str]:
        """Answer page after page as somebody who is WELL but for `given`; gives the pages passed.

        It ends at the page `until`, or before an emergency page that was not looked for.
        """
        told = {**WELL, **{name.replace("__", "."): value for name, value in given.items()}}
        passed = []
        while self.at not in (until, "emergency"):
            passed.append(self.at)
            assert len(passed) < 40, f"{passed} leads nowhere"
            self.continues(**self._what_to_say(told))
        assert self.at == until, f"{self.at} comes before {until}"
        return passed

    def _what_to_say(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """What of `told` this page asks; ticks that it says nothing about are “None of these”."""
        names = [each.attributes.get("name", "") for each in self._form().all("input", "textarea")]
        said = {name: told[name] for name in names if name in told}
        return said if self.at in said or names.count(self.at) < 2 else {**said, self.at: "none"}

    def _form(self) -> Element:
        """The form in the middle of the page: it goes to its own address."""
        return self.page.form(None)


class Staff(Visitor):
    """Somebody who works here and signs in at the real page."""

    role: ClassVar[str]

    def __init__(self, client: FlaskClient, email: str) -> None:
        super().__init__(client)
        self.email = email

    @classmethod
    def hired(cls, app: Flask) -> Self:
        """Somebody new, who has not signed in yet."""
        with app.app_context():
            email = a_staff_member(cls.role).email
        return cls(app.test_client(), email)

    @classmethod
    def at_work(cls, app: Flask) -> Self:
        """Somebody new, signed in."""
        person = cls.hired(app)
        person.sign_in()
        return person

    def sign_in(self) -> Page:
        """Sign in, and see the first page."""
        self.get("/sign-in")
        return self.send("/sign-in", email=self.email, password=PASSWORD)

    def sign_out(self) -> Page:
        """Sign out."""
        return self.send("/sign-out")


class Receptionist(Staff):
    """Somebody at the desk."""

    role = "receptionist"

    def opens(self, reference: str) -> Page:
        """Look at a request."""
        return self.get(f"/desk/requests/{reference}")

    def acts(self, reference: str, act: str, status: int = 200, **given: Any) -> Page:
        """Use one of the small forms of the request that is open."""
        return self.send(f"/desk/requests/{reference}/{act}", status, **given)


class Doctor(Staff):
    """A doctor."""

    role = "doctor"

    def opens(self, reference: str) -> Page:
        """Look at a case."""
        return self.get(f"/doctor/reviews/{reference}")

    def acts(self, reference: str, act: str, status: int = 200, **given: Any) -> Page:
        """Use one of the forms of the case that is open."""
        return self.send(f"/doctor/reviews/{reference}/{act}", status, **given)


class Manager(Staff):
    """The manager."""

    role = "manager"
