"""The Spinal Instability Neoplastic Score, SINS (Fisher and others, 2010).

Items, points and categories as reproduced by Radiopaedia and by Fourney and others, J Clin Oncol
2011;29:3072.
"""

from typing import Final

from app.domain.scores.score import LEVELS_OF_THE_SPINE, Band, Item, Option, Score, Source, Status


def _levels(*ranges: tuple[str, str]) -> tuple[str, ...]:
    """Every level of the spine in these ranges, both ends included."""
    at = LEVELS_OF_THE_SPINE.index
    return tuple(
        level for first, last in ranges for level in LEVELS_OF_THE_SPINE[at(first) : at(last) + 1]
    )


_JUNCTIONAL: Final = _levels(("Occiput", "C2"), ("C7", "T2"), ("T11", "L1"), ("L5", "S1"))
_MOBILE: Final = _levels(("C3", "C6"), ("L2", "L4"))
_SEMI_RIGID: Final = _levels(("T3", "T10"))
_RIGID: Final = _levels(("S2", "S5"))

SINS: Final = Score(
    name="sins",
    title="SINS",
    full_title="Spinal Instability Neoplastic Score",
    version="1",
    status=Status.seen,
    always="Needs imaging. Does not rule out cord compression.",
    of_one_level=True,
    items=(
        Item(
            "location",
            "Location",
            (
                Option(
                    "junctional", "Junctional: occiput–C2, C7–T2, T11–L1, L5–S1", 3, _JUNCTIONAL
                ),
                Option("mobile", "Mobile: C3–C6, L2–L4", 2, _MOBILE),
                Option("semi-rigid", "Semi-rigid: T3–T10", 1, _SEMI_RIGID),
                Option("rigid", "Rigid: S2–S5", 0, _RIGID),
            ),
        ),
        Item(
            "pain",
            "Pain",
            (
                Option("mechanical", "Mechanical: better lying, worse moving or loading", 3),
                Option("occasional", "Occasional, not mechanical", 1),
                Option("none", "None", 0),
            ),
        ),
        Item(
            "lesion",
            "Bone lesion",
            (
                Option("lytic", "Lytic", 2),
                Option("mixed", "Mixed", 1),
                Option("blastic", "Blastic (sclerotic)", 0),
            ),
        ),
        Item(
            "alignment",
            "Alignment",
            (
                Option("translation", "Subluxation or translation", 4),
                Option("deformity", "New deformity (kyphosis or scoliosis)", 2),
                Option("normal", "Normal", 0),
            ),
        ),
        Item(
            "collapse",
            "Vertebral body collapse",
            (
                Option("over-50", "More than 50%", 3),
                Option("under-50", "Less than 50%", 2),
                Option("involved", "None, but more than 50% of the body involved", 1),
                Option("none", "None of these", 0),
            ),
            hint="The table does not say what exactly 50% is: choose one side.",
        ),
        Item(
            "posterolateral",
            "Posterolateral elements (facet, pedicle, costovertebral joint)",
            (
                Option("both", "Both sides", 3),
                Option("one", "One side", 1),
                Option("none", "None", 0),
            ),
        ),
    ),
    bands=(
        Band(0, 6, "Stable"),
        Band(7, 12, "Potentially unstable", "Surgical opinion advised from 7.", pressing=True),
        Band(13, 18, "Unstable", "Surgical opinion advised from 7.", pressing=True),
    ),
    limits=(
        "A low score never lowers the level of the request.",
        "Agreement on the total: ICC 0.846 between raters, 0.886 within one.",
        "Kappa for the three categories: 0.712. Weakest item: the bone lesion, 0.244.",
    ),
    paper="Fisher and others, 2010",
    sources=(
        Source(
            "Radiopaedia (mirror), SINS",
            "https://pacs.de/term/spinal-instability-neoplastic-score-sins",
        ),
        Source(
            "Fourney D and others, J Clin Oncol 2011;29:3072",
            "https://synapse.mskcc.org/synapse/works/12966",
        ),
    ),
)
