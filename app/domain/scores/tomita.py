"""The Tomita score (Tomita K and others, Spine 2001;26:298; the paper was not seen).

Points and range were confirmed through a secondary source only. Which tumours belong to which
group of growth, and what totals mean for treatment and survival, is not verified: it is left out.
"""

from typing import Final

from app.domain.scores.score import Item, Option, Score, Source, Status

TOMITA: Final = Score(
    name="tomita",
    title="Tomita",
    full_title="Tomita score",
    version="1",
    status=Status.secondary,
    always="For clinicians. Never given to a patient as a prognosis. Higher is worse.",
    items=(
        Item(
            "growth",
            "Growth of the primary tumour",
            (
                Option("slow", "Slow", 1),
                Option("moderate", "Moderate", 2),
                Option("rapid", "Rapid", 4),
            ),
            hint="Which tumour belongs to which group is not verified here: judge by the paper.",
        ),
        Item(
            "visceral",
            "Visceral metastases",
            (
                Option("none", "None", 0),
                Option("treatable", "Treatable", 2),
                Option("untreatable", "Untreatable", 4),
            ),
        ),
        Item(
            "bone",
            "Bone metastases, those of the spine included",
            (Option("solitary", "Solitary", 1), Option("multiple", "Multiple", 2)),
        ),
    ),
    unbanded="Higher is worse. What a total means for treatment and survival is not verified",
    limits=(
        "One review prints 3 points for rapid growth, which cannot give the range of 2 to 10.",
        "In a series from Pune, 75% of those with 8 or more died within six months.",
        "A German series of 217 found the bands of the paper unreliable.",
    ),
    paper="Tomita K and others, Spine 2001;26:298 (not seen)",
    sources=(
        Source("Ghosh T, Dey S, Pune 2021", "https://www.scribd.com/document/618992204/"),
        Source("Ulmar B and others, Onkologie 2007;30:414", "https://www.pubmed.gov/17848812/"),
    ),
)
