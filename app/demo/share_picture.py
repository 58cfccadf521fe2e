"""`python -m app.demo.share_picture FILE`: makes the picture that goes along with a shared link.

It is made of words: no photo, and no name, so that it serves every clinic. The same words are its
text for those who do not see it, in `templates/parts/head.html`. It needs Chromium and the packages
of `requirements/dev.lock`.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from config import ROOT

WIDTH, HEIGHT = 1200, 630
STATIC: Final = ROOT / "app" / "static"
PAGE: Final = """<!doctype html><meta charset="utf-8"><style>{css}
body{{width:1200px;height:630px;padding:80px 90px;display:grid;gap:70px}}
body{{grid-template-columns:auto 1fr;align-items:center}}
svg{{height:400px}} p{{margin:0;font-weight:700;font-size:74px;line-height:1.1;color:var(--teal)}}
small{{display:block;margin-top:36px;font:400 42px/1.35 var(--font);color:var(--ink)}}</style>
{mark}<p>Spine conditions, in plain words.
<small>The danger signs, what helps, and how to ask for help.</small></p>
"""


def make(picture: Path) -> None:
    """Write the picture as PNG."""
    css, mark = ((STATIC / name).read_text(encoding="utf-8") for name in ("app.css", "mark.svg"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(PAGE.format(css=css, mark=mark))
        page.screenshot(path=picture)
        browser.close()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
