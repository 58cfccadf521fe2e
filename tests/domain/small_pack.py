"""A small condition pack without faults, as files, to be spoilt on purpose."""

from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from app.commands import commands
from app.domain.errors import FaultyPack
from app.domain.pack_reader import read_pack

CONDITION: Final = """\
name = { en = "Sore thumb" }
medical_name = "Pollex dolens"
version = "1.0"
reference_prefix = "THM"
written_by = { en = "The content team" }
review_due = 2027-05-01
scores = ["sins", "ecog"]

[score_hints.sins]
pain = ["sore", "blue"]

[card_intro]
emergency = { en = "You have one of these:" }

[[card]]
level = "emergency"
text = { en = "a blue thumb" }
signs = ["blue"]
source = ["book"]

[[page_sign]]
says = "a blue thumb"
signs = ["blue"]

[[no_rule]]
signs = ["hammer", "gloves"]
because = "Small talk."

[[emergency]]
rules = ["E1"]
meaning = { en = "The blood does not come through." }
say = { en = "My thumb is blue." }
source = ["book"]

[[function]]
title = "Colour"
signs = ["blue"]

[brief]
worst_pain = "job"
scans = ["sore", "hammer"]
medicines = ["age"]
"""

QUESTIONS: Final = """\
[details.onset]
ask = { en = "When did it start?" }
missing = "today"
least = "old"
options = [
  { value = "today", label = { en = "Today" } },
  { value = "old", label = { en = "Long ago" } },
  { value = "not_sure", label = { en = "I am not sure" } },
]

[details.side]
ask = { en = "Where is it?" }
options = [
  { value = "one", label = { en = "On one side" } },
  { value = "both", label = { en = "On both sides" } },
  { value = "not_sure", label = { en = "I am not sure" } },
]

[[page]]
id = "signs"
title = { en = "Do you have any of these?" }
hint_for_others = { en = "Answer for the person." }
signs = ["blue", "sore"]

[[page]]
id = "signs-check"
title = { en = "One by one" }
one_by_one = "signs"

[[page]]
id = "signs-more"
title = { en = "More about these" }
details_of = "signs"

[[page]]
id = "you"
title = { en = "About you" }
hint = { en = "A guess is fine." }
questions = ["job", "age", "story"]

[[page]]
id = "work"
title = { en = "About the work" }
asked_if = "job is mason"
questions = ["hammer"]

[[question]]
id = "blue"
kind = "sign"
core = true
label = { en = "A blue thumb" }
ask = { en = "Is the thumb blue?" }
title = { en = "blue thumb" }
term = "cyanosis"
details = ["onset", "side"]
sides = ["one", "both"]
source = ["book", { ref = "leaflet", at = "page 3" }]

[[question]]
id = "sore"
kind = "sign"
label = { en = "A sore thumb" }
ask = { en = "Is the thumb sore?" }
title = { en = "sore thumb" }

[[question]]
id = "hammer"
kind = "sign"
label = { en = "A hammer in use" }
ask = { en = "Do you use a hammer?" }
title = { en = "hammer" }
asked_if = "job is mason"

[[question]]
id = "gloves"
kind = "sign"
label = { en = "Gloves" }
ask = { en = "Do you wear gloves?" }
title = { en = "gloves" }

[[question]]
id = "job"
kind = "choice"
ask = { en = "What is your work?" }
hint = { en = "Choose one." }
title = { en = "work" }
missing = "mason"
least = "clerk"
options = [
  { value = "mason", label = { en = "Mason" }, title = { en = "mason" }, sets = { gloves = "no" } },
  { value = "clerk", label = { en = "Clerk" } },
]

[[question]]
id = "age"
kind = "number"
ask = { en = "How old are you?" }
title = { en = "age" }
least = "45"

[[question]]
id = "story"
kind = "text"
optional = true
ask = { en = "Anything else?" }
title = { en = "your own words" }
"""

TRIAGE: Final = """\
version = "1.0"

[words]
fresh = { all = ["it"], unless = "it.onset is old" }

[groups]
SIGNS = ["blue", "sore"]

[facts]
worker = "job is mason"

[[rule]]
id = "E1"
level = "emergency"
title = "Blue thumb"
all = ["fresh blue"]
source = ["book"]
desk = "Phone now."
unverified = "The colour is hard to judge."

[[rule]]
id = "S1"
level = "soon"
title = "Sore thumb of a mason"
all = ["worker", "SIGNS"]
source = [{ ref = "leaflet", at = "page 4" }]

[[rule]]
id = "R1"
level = "routine"
title = "Nothing above"
source = ["book"]

[[watchword]]
language = "en"
phrases = ["fell off"]
"""

REFERENCES: Final = """\
[book]
title = "The book of thumbs"
status = "read"
publisher = "Thumb Press"
year = 2020
where = "Chapter 1"
link = "https://thumbs.example/book"
read_on = 2026-11-01
note = "Read in full."

[leaflet]
title = "The leaflet"
status = "policy"
"""

CASES: Final = """\
[calm]
job = "clerk"
age = 45

[[case]]
id = "blue"
story = "The thumb turned blue this morning."
level = "emergency"
fires = ["E1"]
not_fires = ["S1", "R1"]
answers = { blue = "yes", "blue.onset" = "today" }

[[case]]
id = "sore"
story = "A mason with a sore thumb."
level = "soon"
fires = ["S1"]
not_fires = ["E1"]
answers = { sore = "yes", job = "mason" }

[[case]]
id = "calm"
story = "A thumb that was sore."
level = "routine"
fires = ["R1"]
not_fires = []

[[case]]
id = "nothing-told"
blank = true
story = "Somebody who answered one question only."
level = "routine"
fires = ["R1"]
not_fires = []
answers = { job = "clerk" }
"""

PAGE: Final = """\
# Sore thumb

Thumbs get sore.[^book]

## Signs {#symptoms}

- a blue thumb.[^book]

## Rest {#rest}

Rest helps.[^leaflet]

#### More about rest

A night is enough.[^leaflet]
"""

FILES: Final = {
    "condition.toml": CONDITION,
    "questions.toml": QUESTIONS,
    "triage.toml": TRIAGE,
    "references.toml": REFERENCES,
    "cases.toml": CASES,
    "page.en.md": PAGE,
}


def write_pack(folder: Path, *spoilt: tuple[str, str, str], name: str = "sore-thumb") -> Path:
    """Write the pack, with `(file, old text, new text)` exchanged; the folder of the pack."""
    files = dict(FILES)
    for file, old, new in spoilt:
        assert old in files[file], f"{file} does not hold {old!r}"
        files[file] = files[file].replace(old, new, 1)
    pack = folder / name
    pack.mkdir()
    for file, text in files.items():
        (pack / file).write_text(text, encoding="utf-8")
    return pack


def unread(*signs: str) -> tuple[str, str, str]:
    """What must change as well when a rule reads other signs: these are read by none."""
    named = ", ".join(f'"{sign}"' for sign in signs)
    return "condition.toml", 'signs = ["hammer", "gloves"]', f"signs = [{named}]"


def change(file: Path, old: str, new: str) -> None:
    """Change the first place of a file that says something."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} does not hold {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def signed_pack(folder: Path) -> Path:
    """The pack, signed by a doctor who does not exist; its folder."""
    pack = write_pack(folder)
    words = ["conditions", "sign", pack.name, "--name", "Dr Arun Rao", "--on", "2026-11-01"]
    words += ["--registration", "MMC 00000", "--folder", str(folder)]
    signed = CliRunner().invoke(commands, words)
    assert signed.exit_code == 0, signed.output
    return pack


def faults(folder: Path, *spoilt: tuple[str, str, str]) -> tuple[str, ...]:
    """The faults that are told of the pack after these texts were exchanged."""
    with pytest.raises(FaultyPack) as caught:
        read_pack(write_pack(folder, *spoilt))
    return caught.value.faults
