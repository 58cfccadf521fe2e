"""What a page of the settings says."""

from tests.people import Page, filled_in


def digest_of(page: Page) -> str:
    """What the button that saves sends."""
    buttons = [each for each in page.top.all("button") if each.attributes.get("name") == "digest"]
    return buttons[0].attributes["value"] if buttons else ""


def errors_of(page: Page) -> dict[str, str]:
    """The words of the summary by the field that they lead to; each field says the same."""
    summary = next(each for each in page.top.all("div") if each.attributes.get("class") == "errs")
    found = {link.attributes["href"][1:]: link.text for link in summary.all("a")}
    for field, words in found.items():
        at_field = next(p for p in page.top.all("p") if p.attributes.get("id") == f"{field}-error")
        assert words.endswith(at_field.text.removeprefix("Error: "))
        control = next(each for each in page.top.all() if each.attributes.get("id") == field)
        assert control.attributes["aria-invalid"] == "true"
    return found


def typed_in(page: Page, action: str) -> dict[str, str]:
    """What the form holds."""
    return dict(filled_in(page.form(action)))
