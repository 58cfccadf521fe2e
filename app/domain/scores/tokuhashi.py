"""The revised Tokuhashi score (Tokuhashi Y and others, Spine 2005;30:2186).

Items, points and predicted survival as reproduced, corrected with permission, in appendix 3 of the
NICE guideline CG75. Where reproductions differ, `limits` says so.
"""

from typing import Final

from app.domain.scores.score import Band, Item, Option, Score, Source, Status

TOKUHASHI: Final = Score(
    name="tokuhashi",
    title="Tokuhashi",
    full_title="Revised Tokuhashi score",
    version="1",
    status=Status.seen,
    always="For clinicians. Never given to a patient as a prognosis.",
    items=(
        Item(
            "condition",
            "General condition (Karnofsky)",
            (
                Option("10-40", "10 to 40", 0),
                Option("50-70", "50 to 70", 1),
                Option("80-100", "80 to 100", 2),
            ),
            beside="karnofsky",
        ),
        Item(
            "bone",
            "Bone metastases outside the spine",
            (
                Option("3-or-more", "3 or more", 0),
                Option("1-2", "1 or 2", 1),
                Option("none", "None", 2),
            ),
        ),
        Item(
            "vertebrae",
            "Metastases in vertebral bodies",
            (
                Option("3-or-more", "3 or more", 0),
                Option("2", "2", 1),
                Option("1", "1", 2),
            ),
        ),
        Item(
            "organs",
            "Metastases in major internal organs",
            (
                Option("unremovable", "Unremovable", 0),
                Option("removable", "Removable", 1),
                Option("none", "None", 2),
            ),
        ),
        Item(
            "primary",
            "Primary site",
            (
                Option("lung", "Lung, osteosarcoma, stomach, bladder, oesophagus, pancreas", 0),
                Option("liver", "Liver, gall bladder, unidentified", 1),
                Option("other", "Others", 2),
                Option("kidney", "Kidney, uterus", 3),
                Option("rectum", "Rectum", 4),
                Option("breast", "Thyroid, breast, prostate, carcinoid", 5),
            ),
        ),
        Item(
            "palsy",
            "Palsy",
            (
                Option("complete", "Complete (Frankel A, B)", 0),
                Option("incomplete", "Incomplete (Frankel C, D)", 1),
                Option("none", "None (Frankel E)", 2),
            ),
            beside="frankel",
        ),
    ),
    bands=(
        Band(
            0,
            8,
            "Predicted survival under 6 months",
            "Published link to treatment: conservative, or palliative surgery.",
        ),
        Band(
            9,
            11,
            "Predicted survival 6 months or more",
            "Published link to treatment: palliative surgery, or excisional for a single lesion "
            "without visceral disease.",
        ),
        Band(
            12,
            15,
            "Predicted survival 1 year or more",
            "Published link to treatment: excisional surgery.",
        ),
    ),
    limits=(
        "Accuracy is modest: right in about 60%; no scoring system exceeded 90% agreement.",
        "Open: two other reproductions print the vertebral bodies as 3 or more, 1 to 2, none.",
        "The link to treatment was seen on one web page only.",
    ),
    paper="Tokuhashi Y and others, Spine 2005;30:2186",
    sources=(
        Source(
            "NICE CG75, appendix 3 (corrected with permission)",
            "http://www.ncbi.nlm.nih.gov/pubmedhealth/PMH0032986/table/app3.t1/",
        ),
        Source(
            "Accuracy: Tokuhashi Y and others, World J Orthop 2014;5:262",
            "https://pmc.ncbi.nlm.nih.gov/articles/PMC4095019",
        ),
        Source(
            "Accuracy: a study of scoring systems",
            "https://pmc.ncbi.nlm.nih.gov/articles/PMC7118051",
        ),
    ),
)
