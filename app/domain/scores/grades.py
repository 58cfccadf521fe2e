"""Grades, whose one answer is the result: ESCC, ECOG, Karnofsky and Frankel.

ESCC: Bilsky MH and others, J Neurosurg Spine 2010;13:324, as told by Radiopaedia (2024). ECOG:
Oken and others, 1982. Karnofsky and Frankel: as reproduced in the sources named with each.
"""

from typing import Final

from app.domain.scores.score import Band, Item, Option, Score, Source, Status

_NO_CONVERSION: Final = "Not converted to {other}: two published tables disagree."
_COMORBIDITY_INDEX: Final = Source(
    "Myeloma comorbidity index, tables of ECOG and Karnofsky",
    "https://www.myelomacomorbidityindex.org/en_karno.html",
)

ESCC: Final = Score(
    name="escc",
    title="ESCC",
    full_title="Epidural spinal cord compression (Bilsky grade)",
    version="1",
    status=Status.seen,
    always="From axial T2 MRI at the worst level.",
    of_one_level=True,
    items=(
        Item(
            "grade",
            "Grade",
            (
                Option("0", "Bone only", 0),
                Option("1a", "Epidural, sac not deformed", 1),
                Option("1b", "Sac deformed, cord not touched", 2),
                Option("1c", "Sac deformed, cord touched but not compressed", 3),
                Option("2", "Cord compressed, CSF still visible", 4),
                Option("3", "Cord compressed, no CSF visible", 5),
            ),
        ),
    ),
    bands=(
        Band(
            0,
            2,
            "Low grade",
            "Without mechanical instability, 0 to 1b usually start with radiation.",
        ),
        Band(3, 3, "Contested: neither clearly low nor high grade", pressing=True),
        Band(
            4,
            5,
            "High grade",
            "2 and 3 usually need decompression before radiation, unless the tumour is very "
            "radiosensitive.",
            pressing=True,
        ),
    ),
    limits=("1c is contested between low and high grade.",),
    paper="Bilsky MH and others, J Neurosurg Spine 2010;13:324",
    sources=(
        Source(
            "Radiopaedia, ESCC scale (2024)",
            "https://radiopaedia.org/articles/epidural-spinal-cord-compression-scale?lang=us",
        ),
        Source("Summary of the paper", "https://pro.uptodatefree.ir/Show/119111"),
    ),
)

ECOG: Final = Score(
    name="ecog",
    title="ECOG",
    full_title="ECOG performance status",
    version="1",
    status=Status.seen,
    items=(
        Item(
            "grade",
            "Grade",
            (
                Option("0", "Fully active", 0),
                Option("1", "Restricted in strenuous work, walks, light work", 1),
                Option("2", "Walks, all self-care, no work, up more than 50% of the day", 2),
                Option("3", "Limited self-care, in bed or chair more than 50% of the day", 3),
                Option("4", "Completely disabled, in bed or chair all day", 4),
                Option("5", "Dead", 5),
            ),
        ),
    ),
    limits=(_NO_CONVERSION.format(other="Karnofsky"),),
    paper="Oken and others, 1982",
    sources=(
        _COMORBIDITY_INDEX,
        Source(
            "ACCC glossary, ECOG performance status",
            "https://acori-glossary.accc-cancer.org/definition/"
            "eastern-cooperative-oncology-group-performance-status",
        ),
    ),
)

KARNOFSKY: Final = Score(
    name="karnofsky",
    title="Karnofsky",
    full_title="Karnofsky performance status",
    version="1",
    status=Status.seen,
    items=(
        Item(
            "grade",
            "Grade",
            (
                Option("100", "Normal", 100),
                Option("90", "Minor symptoms", 90),
                Option("80", "Normal activity with effort", 80),
                Option("70", "Cares for self, no work", 70),
                Option("60", "Occasional help", 60),
                Option("50", "Considerable help and frequent care", 50),
                Option("40", "Disabled, special care", 40),
                Option("30", "Severely disabled, hospital indicated", 30),
                Option("20", "Very sick, active support", 20),
                Option("10", "Moribund", 10),
                Option("0", "Dead", 0),
            ),
        ),
    ),
    limits=(_NO_CONVERSION.format(other="ECOG"),),
    paper="not named by the source below",
    sources=(_COMORBIDITY_INDEX,),
)

FRANKEL: Final = Score(
    name="frankel",
    title="Frankel",
    full_title="Frankel grade",
    version="1",
    status=Status.seen,
    items=(
        Item(
            "grade",
            "Grade",
            (
                Option("A", "Complete", 0),
                Option("B", "Sensation only", 1),
                Option("C", "Motor present but useless", 2),
                Option("D", "Motor useful", 3),
                Option("E", "Recovered or normal", 4),
            ),
        ),
    ),
    bands=(
        Band(0, 1, "Complete palsy in the Tokuhashi score"),
        Band(2, 3, "Incomplete palsy in the Tokuhashi score"),
        Band(4, 4, "No palsy in the Tokuhashi score"),
    ),
    limits=("Not the ASIA Impairment Scale, which goes by key muscles and by feeling at S4–S5.",),
    paper="not named by the sources below",
    sources=(
        Source(
            "Spinal cord injury severity measures",
            "https://neupsykey.com/6-2-spinal-cord-injury-severity-measures",
        ),
        Source(
            "Classification of spinal cord injury severity",
            "https://mcpf.org/about-sci/spinal-cord-injury-basics/"
            "classification-of-spinal-cord-injury-severity",
        ),
    ),
)
