"""A second reading of the triage rule base (version 1.2), as plain Python.

It was written from the words of the rule base, not from `triage.toml`, so that a slip in one of
the two shows. Where a row says that a higher rule takes over ("not reaching E04", "otherwise",
"alone", "no new symptom"), nothing is switched off: all rules are evaluated and the highest level
counts (section 5). D04 is urgent with known cancer (D04) and else soon (D04b).
"""

from collections.abc import Mapping
from dataclasses import dataclass

MOTOR = ("leg_weakness", "arm_weakness", "hand_clumsiness", "walking_difficulty", "unable_to_walk")
SPHINCTER = ("saddle_numbness", "bladder_retention", "bladder_incontinence", "bowel_incontinence")
LEVEL = "trunk_sensory_level"
OTHERS = ("limb_numbness", "sexual_dysfunction_new", "band_like_pain", "lhermitte")
NOT_RADICULAR = (*MOTOR, *SPHINCTER, LEVEL, *OTHERS)
NERVE = (*NOT_RADICULAR, "radicular_limb_pain")
CORE_NERVE = (
    "leg_weakness",
    "arm_weakness",
    "walking_difficulty",
    "unable_to_walk",
    LEVEL,
    *SPHINCTER,
)
CORE_OTHER = (
    "very_unwell",
    "confusion_drowsy",
    "stroke_signs",
    "chest_pain_breathless",
    "tearing_pain",
    "collapse_faint",
    "major_trauma",
    "self_harm_thoughts",
)
PAIN_FLAGS = (
    "pain_severe_unremitting",
    "pain_progressive",
    "pain_mechanical",
    "pain_straining",
    "pain_night",
    "pain_local_tenderness",
    "pain_lying_flat_worse",
    "claudication_leg",
    "pain_not_controlled",
    "cannot_sit_or_stand_pain",
    "pain_sudden_severe",
    "new_spine_deformity",
)
INFECTION = (
    "immunosuppressed",
    "diabetes",
    "dialysis",
    "iv_drug_or_line",
    "recent_infection",
    "recent_spine_procedure",
)
UNSETTLED = ("not_sure", None)


@dataclass(frozen=True, slots=True)
class Told:
    """The answers of one person, and the words of sections 2 to 4 for them."""

    answers: Mapping[str, str]

    def yes(self, *flags: str) -> bool:
        """Any of them is yes."""
        return any(self.answers.get(flag) == "yes" for flag in flags)

    def unsure(self, *flags: str) -> bool:
        """Any of them is not sure, or missing, which is the same (section 2)."""
        return any(self.answers.get(flag, "not_sure") == "not_sure" for flag in flags)

    def onset(self, flag: str) -> str:
        """When it began; missing is today."""
        told = self.answers.get(f"{flag}.onset", "not_sure")
        return "today" if told == "not_sure" else told

    def course(self, flag: str) -> str:
        """How it changed; missing is not sure."""
        return self.answers.get(f"{flag}.course", "not_sure")

    def both(self, flag: str) -> bool:
        """On both sides, or in both legs; a missing side is the worse side."""
        side = self.answers.get(f"{flag}.side", "not_sure")
        return side in {"both", "both_legs", "all_four", "not_sure"}

    def active(self, *flags: str) -> list[str]:
        """Those that are yes, and not both over three months old and the same or better."""
        return [
            flag
            for flag in flags
            if self.yes(flag)
            and not (self.onset(flag) == "gt_3m" and self.course(flag) in {"same", "better"})
        ]

    def stable(self, *flags: str) -> bool:
        """Any of them is yes but not active."""
        return any(self.yes(flag) and not self.active(flag) for flag in flags)

    def recent(self, *flags: str) -> list[str]:
        """The active ones of up to three months, or worse over days."""
        return [
            flag
            for flag in self.active(*flags)
            if self.onset(flag) != "gt_3m" or self.course(flag) == "worse_days"
        ]

    def rapid(self, *flags: str) -> list[str]:
        """The active ones of up to two weeks, or worse over days."""
        return [
            flag
            for flag in self.active(*flags)
            if self.onset(flag) in {"today", "le_2w"} or self.course(flag) == "worse_days"
        ]

    def strong(self) -> list[str]:
        """The active STRONG flags."""
        sided = [f for f in ("limb_numbness", "radicular_limb_pain") if self.both(f)]
        return self.active(*MOTOR, *SPHINCTER, LEVEL, *sided)

    @property
    def pain(self) -> bool:
        """Spine pain; not sure and missing count as yes."""
        return self.answers.get("spine_pain") != "no"

    @property
    def pain_settled(self) -> bool:
        """The pain is the same or better."""
        return self.answers.get("pain_course") in {"same", "better"}

    @property
    def pain_active(self) -> bool:
        """Spine pain that is not both old and the same or better."""
        return self.pain and not (self.answers.get("pain_onset") == "gt_3m" and self.pain_settled)

    def site(self, *places: str) -> bool:
        """The pain is there; a place that is not known counts as several (section 6: the worse)."""
        told = self.answers.get("pain_site")
        return ("several" if told in UNSETTLED else told) in places

    def aged(self, years: int) -> bool:
        """That old or older; a missing age counts as old (section 6: the more worrying)."""
        return int(self.answers.get("age", "120")) >= years

    @property
    def child(self) -> bool:
        """Under 18."""
        return not self.aged(18)

    @property
    def cancer(self) -> bool:
        """CA_known: whatever the interval."""
        status = self.answers.get("cancer_status")
        spread = self.yes("known_spinal_mets", "known_bone_mets")
        return spread or status in {"past", "current", "suspected"}

    @property
    def cancer_unknown(self) -> bool:
        """CA_unknown."""
        spread = [self.answers.get(flag) for flag in ("known_spinal_mets", "known_bone_mets")]
        return self.answers.get("cancer_status") in UNSETTLED or "not_sure" in spread

    @property
    def frail_bones(self) -> bool:
        """FRAG."""
        return self.aged(65) or self.yes("osteoporosis", "steroids_long")

    @property
    def major_pains(self) -> int:
        """How many flags of PAIN_MAJOR there are."""
        plain = (
            "pain_severe_unremitting",
            "pain_night",
            "pain_lying_flat_worse",
            "pain_not_controlled",
            "cannot_sit_or_stand_pain",
        )
        progressive = self.yes("pain_progressive") and (self.aged(50) or self.site("mid_back"))
        return sum(self.yes(flag) for flag in plain) + progressive

    def trauma(self, *when: str) -> bool:
        """A major trauma then; a missing time is the last two weeks."""
        told = self.answers.get("trauma_when")
        return self.yes("major_trauma") and ("le_2w" if told in UNSETTLED else told) in when


def fired(answers: Mapping[str, str]) -> frozenset[str]:
    """The ids of the rules that fire for a finished form, free text aside."""
    told = Told(answers)
    found = {
        rule
        for part in (_emergency_a, _emergency_b, _urgent_a, _urgent_b, _soon, _unsure)
        for rule, fires in part(told).items()
        if fires
    }
    return frozenset(found or {"R01"})


def _emergency_a(t: Told) -> dict[str, bool]:
    new_numbness = bool(t.active("limb_numbness")) and (
        t.pain or t.onset("limb_numbness") in {"today", "le_2w"}
    )
    sides = (t.yes("limb_numbness") and t.both("limb_numbness")) or (
        t.yes("radicular_limb_pain") and t.both("radicular_limb_pain")
    )
    arteries = t.yes("known_aaa", "abdominal_pulsation")
    return {
        "E01": t.cancer and bool(t.active(*MOTOR, *SPHINCTER, LEVEL)),
        "E02": t.cancer and new_numbness,
        "E03": t.cancer and bool(t.recent("radicular_limb_pain", "band_like_pain")),
        "E04": bool(
            t.recent(*SPHINCTER)
            or (t.active(*SPHINCTER) and t.active(*MOTOR))
            or (t.recent("sexual_dysfunction_new") and (sides or t.active(*SPHINCTER)))
        ),
        "E05": bool(
            t.recent("unable_to_walk")
            or (t.recent("leg_weakness") and t.both("leg_weakness"))
            or t.rapid(LEVEL)
            or (t.active(LEVEL) and t.active(*MOTOR))
            or any(set(t.strong()) - {flag} for flag in t.rapid(*MOTOR))
        ),
        "E06": any(
            t.course(flag) == "worse_days" for flag in t.active("leg_weakness", "arm_weakness")
        ),
        "E07": t.yes("stroke_signs"),
        "E08": t.yes("fever")
        and t.pain
        and bool(t.yes(*INFECTION, "very_unwell") or t.active(*NERVE)),
        "E09": t.yes("anticancer_treatment_6w") and t.yes("fever", "very_unwell"),
        "E10": t.yes("very_unwell", "confusion_drowsy"),
        "E13": (arteries and (t.pain_active or t.yes("abdominal_pain")))
        or (
            t.yes("pain_sudden_severe")
            and (t.yes("collapse_faint") or (t.aged(60) and t.yes("abdominal_pain")))
        ),
    }


def _emergency_b(t: Told) -> dict[str, bool]:
    # A trauma rule needs the last two weeks unless it says otherwise (version 1.1).
    hurt = t.trauma("le_2w") or t.yes("minor_fall")
    worsening = any(
        t.yes(flag) and t.course(flag) in {"worse_days", "worse_slow"} for flag in NERVE
    )
    treated = t.answers.get("report_known_treated") == "yes" and not t.active(*NERVE)
    return {
        "E11": (t.trauma("le_2w") and bool(t.pain or t.active(*NERVE)))
        or (hurt and bool(t.recent(*NOT_RADICULAR))),
        "E12": t.yes("anticoagulant", "recent_spine_procedure")
        and bool(t.yes("pain_sudden_severe") or t.rapid(*NOT_RADICULAR)),
        "E14": t.yes("chest_pain_breathless", "collapse_faint"),
        "E15": t.answers.get("self_harm_thoughts") in {"yes", "not_sure"},
        "E16": t.yes("known_spinal_mets")
        and t.yes("cannot_sit_or_stand_pain", "new_spine_deformity"),
        "E17": t.yes("report_cord_compression")
        and bool(t.cancer or t.cancer_unknown or t.recent(*NERVE) or worsening)
        and not treated,
        "E18": t.yes("pregnant") and t.yes("abdominal_pain", "vaginal_bleeding"),
        "E19": t.yes("tearing_pain")
        or (
            t.yes("pain_sudden_severe")
            and t.site("mid_back", "several")
            and t.aged(40)
            and t.yes("hypertension", "known_aaa")
        ),
        "E20": t.yes("ankylosed_spine")
        and hurt
        and bool(t.pain or t.active(*NERVE) or t.yes("new_spine_deformity")),
    }


def _urgent_a(t: Told) -> dict[str, bool]:
    elsewhere = t.site("neck", "mid_back", "several")
    infected = ("recent_spine_procedure", "recent_infection", "iv_drug_or_line", "dialysis")
    return {
        "U01": t.cancer and t.pain_active and (t.yes(*PAIN_FLAGS) or elsewhere),
        "U02": t.yes("known_spinal_mets", "known_bone_mets") and t.pain_active,
        "U03": (
            t.cancer and bool(t.active("limb_numbness", "radicular_limb_pain", "band_like_pain"))
        )
        or (
            t.cancer_unknown
            and bool(t.active(*NERVE) or (t.pain_active and (t.major_pains or elsewhere)))
        ),
        "U04": bool(t.active("leg_weakness", "arm_weakness")),
        # Old, unchanged numbness fires nothing urgent (section 6, property 6).
        "U05": bool(
            t.active("unable_to_walk", "walking_difficulty", "hand_clumsiness", LEVEL)
            or (t.active("limb_numbness") and t.both("limb_numbness"))
        ),
        "U06": bool(t.active(*SPHINCTER, "sexual_dysfunction_new")),
        "U07": bool(t.recent("radicular_limb_pain")) and t.both("radicular_limb_pain"),
        "U08": t.yes("fever") and t.pain,
        "U09": t.yes(*infected)
        and t.pain_active
        and (t.major_pains > 0 or t.yes("pain_progressive")),
        "U10": (t.yes("minor_fall") and t.pain and (t.frail_bones or t.cancer))
        or (t.yes("cannot_sit_or_stand_pain") and t.pain_active and t.frail_bones)
        or t.trauma("le_2w", "2w_to_3m"),
    }


def _urgent_b(t: Told) -> dict[str, bool]:
    calcium = sum(t.yes(f) for f in ("thirst_urination", "vomiting", "constipation_new"))
    child_with_a_bend = t.child and all(
        t.answers.get(flag) == "no" for flag in ("spine_pain", *NERVE)
    )
    return {
        "U11": (t.cancer or t.cancer_unknown) and calcium >= 2,
        "U12": (
            t.yes("weight_loss")
            and t.pain_active
            and (t.major_pains >= 2 or bool(t.active(*NERVE)))
        )
        or (bool(t.active("band_like_pain")) and t.major_pains > 0),
        "U13": (
            t.aged(60)
            and t.pain_active
            and (
                t.yes("abdominal_pain")
                or (t.yes("pain_sudden_severe") and t.yes("smoker", "hypertension"))
            )
        )
        or t.yes("abdominal_pulsation"),
        "U14": t.yes("leg_swollen_painful"),
        "U15": t.yes("report_new_mets_or_tumour"),
        "U16": t.yes("new_spine_deformity") and not child_with_a_bend,
        "U17": t.yes("report_cord_compression"),
        "U18": t.yes("wound_problem", "postural_headache"),
        "U19": t.yes("immunosuppressed", "dialysis") and t.pain_active and t.major_pains > 0,
        "U20": bool(t.active("lhermitte"))
        or (t.yes("rheumatoid_arthritis") and t.site("neck") and bool(t.active(*NERVE))),
        "U21": (t.yes("blister_rash") and t.yes("immunosuppressed", "anticancer_treatment_6w"))
        or t.yes("report_high_calcium"),
    }


def _soon(t: Told) -> dict[str, bool]:
    severe = ("pain_sudden_severe", "pain_severe_unremitting", "pain_local_tenderness")
    open_to_infection = (
        *(flag for flag in INFECTION if flag != "diabetes"),
        "tb_history",
        "tb_history_or_contact",
    )
    # A pain that does not settle is a pain that is there.
    unsettled = t.pain and not t.pain_settled
    radicular = bool(t.active("radicular_limb_pain"))
    return {
        "S01": (t.cancer or t.cancer_unknown) and (t.pain or t.yes(*NERVE)),
        "S02": t.yes("known_spinal_mets", "known_bone_mets"),
        "S03": t.pain and t.yes("weight_loss", "night_sweats"),
        "S04": t.child
        or (t.pain and t.aged(60) and (t.yes("first_episode") or t.unsure("first_episode"))),
        "S05": t.pain_active and (t.major_pains > 0 or t.yes("pain_sudden_severe")),
        "S06": (t.pain_active and t.yes("steroids_long"))
        or (t.pain_active and t.frail_bones and t.yes(*severe))
        or (t.yes("minor_fall") and t.pain),
        "S07": bool(t.active("limb_numbness", "band_like_pain")),
        "S08": t.stable(*MOTOR, *SPHINCTER, LEVEL),
        "S09": radicular
        and (
            t.course("radicular_limb_pain") in {"worse_days", "worse_slow", "not_sure"}
            or t.yes("pain_not_controlled")
        ),
        "S10": t.yes("claudication_leg") and unsettled,
        "S11": (t.pain_active and t.yes(*open_to_infection))
        or (t.yes("diabetes") and (t.major_pains > 0 or unsettled)),
        "S12": t.yes("known_aaa"),
        "S13": t.yes("previous_spine_surgery") and bool(t.pain_active or t.active(*NERVE)),
        "S14": t.yes("fever"),
        "S15": t.child and t.yes("new_spine_deformity"),
        "S16": t.yes("blister_rash"),
        "S17": t.pain and t.yes("report_abnormal_bloods", "tb_history"),
    }


def _unsure(t: Told) -> dict[str, bool]:
    nerve_unsure = t.unsure(*CORE_NERVE)
    others_unsure = t.unsure("hand_clumsiness", *OTHERS)
    fever_unsure = t.unsure("fever")
    with_cancer = t.cancer and bool(t.pain or t.active(*NERVE))
    return {
        "D01": nerve_unsure and (with_cancer or bool(t.strong())),
        # Spine pain is core too, but unsure pain counts as pain, and fever is told apart below.
        "D02": nerve_unsure
        or t.unsure(*CORE_OTHER)
        or (fever_unsure and ((t.pain and t.yes(*INFECTION)) or t.yes("anticancer_treatment_6w"))),
        "D03": fever_unsure or (t.cancer_unknown and t.pain),
        "D04": t.cancer and (others_unsure or t.unsure("radicular_limb_pain")),
        "D04b": others_unsure,
        "D05": t.cancer and t.pain_active and t.unsure(*PAIN_FLAGS),
    }
