"""Reads the folder of a condition pack; raises FaultyPack with every fault at once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from app.domain.condition import (
    NO,
    Card,
    Case,
    Detail,
    EmergencyWords,
    Option,
    Pack,
    Page,
    Question,
    Reference,
    Rule,
)
from app.domain.errors import FaultyPack
from app.domain.level import Level
from app.domain.pack_brief import brief_of, function_of
from app.domain.pack_checks import faults_of
from app.domain.pack_files import TABLES, files_of, pages_in, table_in
from app.domain.pack_languages import translations_of
from app.domain.pack_names import names_of
from app.domain.pack_scores import scores_of
from app.domain.pack_signing import Signature, digest_of, lowered, signature_in
from app.domain.pack_signs import left_out, page_sign
from app.domain.pack_table import Table
from app.domain.pack_worse import worse_question
from app.domain.rule import Condition, RuleFault, Vocabulary, read

KINDS = ("sign", "choice", "number", "text")


def read_packs(folder: Path) -> dict[str, Pack]:
    """Read every pack of the folder, by id; raises FaultyPack for the first faulty one."""
    found = sorted(path for path in folder.iterdir() if (path / "condition.toml").exists())
    return {path.name: read_pack(path) for path in found}


def read_pack(folder: Path, name: str | None = None) -> Pack:
    """Read and check one pack; raises FaultyPack listing all its faults.

    It is called like its folder unless another name is given.
    """
    pack_id, faults = name or folder.name, list[str]()
    found = files_of(folder)
    files = {name: table_in(found, name, faults) for name in TABLES}
    pages = pages_in(found, faults)
    signature = signature_in(folder, faults)
    if faults:
        raise FaultyPack(pack_id, faults)
    pack = _signed(_Reader(pack_id, faults).pack(files, pages), signature, digest_of(found))
    faults += faults_of(pack)
    if faults:
        raise FaultyPack(pack_id, faults)
    return pack


def _signed(pack: Pack, signature: Signature | None, digest: str) -> Pack:
    if signature is None:
        return pack
    if signature.digest == digest:
        return replace(pack, signed_off=signature.by)
    return replace(pack, changed_since=signature.by)


class _Reader:
    """The state of one reading: the faults found so far and the vocabulary of conditions."""

    def __init__(self, pack_id: str, faults: list[str]) -> None:
        self.pack_id = pack_id
        self.faults = faults
        self.names = Vocabulary({}, frozenset(), {}, {}, {})

    def pack(self, files: Mapping[str, Mapping[str, object]], page_texts: dict[str, str]) -> Pack:
        triage = Table(files["triage.toml"], "triage.toml", self.faults)
        asked = Table(files["questions.toml"], "questions.toml", self.faults)
        about = Table(files["condition.toml"], "condition.toml", self.faults)
        with triage, asked, about:
            details = self._details(asked.table("details"))
            tables = asked.tables("question")
            self.names = names_of(tables, details, triage)
            questions = self._questions(tables)
            return Pack(
                id=self.pack_id,
                name=about.text("name"),
                medical_name=about.word("medical_name"),
                version=_one_version(about, triage),
                reference_prefix=about.word("reference_prefix"),
                written_by=about.text("written_by"),
                review_due=about.day("review_due"),
                signed_off=None,
                changed_since=None,
                lowered=tuple(lowered(t, self.faults) for t in about.tables("lowered")),
                translations=translations_of(about),
                questions=questions,
                details=details,
                pages=tuple(self._page(table) for table in asked.tables("page")),
                rules=tuple(self._rule(table) for table in triage.tables("rule")),
                triage=triage.source,
                cards=tuple(self._card(table) for table in about.tables("card")),
                page_signs=tuple(page_sign(t, self.faults) for t in about.tables("page_sign")),
                no_card=tuple(left_out(t, self.faults) for t in about.tables("no_card")),
                no_rule=tuple(left_out(t, self.faults) for t in about.tables("no_rule")),
                emergency_words=tuple(self._words(t) for t in about.tables("emergency")),
                worse=tuple(worse_question(t, self.faults) for t in about.tables("worse")),
                references=self._references(files["references.toml"]),
                watchwords=self._watchwords(triage.tables("watchword")),
                cases=self._cases(files["cases.toml"], questions),
                page_texts=page_texts,
                card_intros=self._card_intros(about.table("card_intro")),
                scores=scores_of(about),
                functions=tuple(function_of(t, self.faults) for t in about.tables("function")),
                brief=brief_of(about),
            )

    def _options(self, sources: list[object], where: str) -> tuple[Option, ...]:
        found = []
        for source in sources:
            with Table(source, f"{where}, an option", self.faults) as table:
                sets = {key: str(value) for key, value in table.table("sets").items()}
                found.append(
                    Option(
                        table.word("value"),
                        table.text("label"),
                        table.text_or_none("title"),
                        sets,
                        table.word_or_none("trend"),
                    )
                )
        return tuple(found)

    def _details(self, source: Mapping[str, object]) -> dict[str, Detail]:
        found = {}
        for name, table in source.items():
            where = f"questions.toml, details.{name}"
            with Table(table, where, self.faults) as detail:
                options = self._options(detail.tables("options"), where)
                found[name] = Detail(
                    name,
                    detail.text("ask"),
                    options,
                    missing=detail.word_or_none("missing") or "",
                    least=detail.word_or_none("least") or "",
                )
        return found

    def _questions(self, sources: list[object]) -> dict[str, Question]:
        found: dict[str, Question] = {}
        for source in sources:
            question = self._question(source)
            if question.id in found:
                self.faults.append(f"questions.toml: the id {question.id} is used twice")
            found[question.id] = question
        return found

    def _question(self, source: object) -> Question:
        name = source.get("id") if isinstance(source, dict) else None
        where = f"questions.toml, question {name}"
        with Table(source, where, self.faults) as table:
            kind = table.word("kind")
            if kind not in KINDS:
                table.fault(f"the kind must be one of {', '.join(KINDS)}")
            return Question(
                id=table.word("id"),
                kind=kind,
                ask=table.text("ask"),
                title=table.text("title"),
                label=table.text_or_none("label"),
                hint=table.text_or_none("hint"),
                core=table.flag("core"),
                term=table.word_or_none("term"),
                details=table.words("details"),
                sides=table.words("sides"),
                options=self._options(table.tables("options"), where),
                asked_if=self._condition_or_none(table, "asked_if"),
                missing=table.word_or_none("missing"),
                least=table.word_or_none("least"),
                optional=table.flag("optional"),
                source=table.citations(),
            )

    def _page(self, source: object) -> Page:
        name = source.get("id") if isinstance(source, dict) else None
        with Table(source, f"questions.toml, page {name}", self.faults) as table:
            return Page(
                id=table.word("id"),
                title=table.text("title"),
                hint=table.text_or_none("hint"),
                hint_for_others=table.text_or_none("hint_for_others"),
                signs=table.words("signs"),
                questions=table.words("questions"),
                one_by_one=table.word_or_none("one_by_one"),
                details_of=table.word_or_none("details_of"),
                asked_if=self._condition_or_none(table, "asked_if"),
            )

    def _rule(self, source: object) -> Rule:
        name = source.get("id") if isinstance(source, dict) else None
        with Table(source, f"triage.toml, rule {name}", self.faults) as table:
            parts = {
                key: table.raw(key)
                for key in ("all", "any", "at_least", "of", "unless")
                if table.raw(key) is not None
            }
            return Rule(
                id=table.word("id"),
                level=_level(table),
                title=table.word("title"),
                when=self._condition(parts, table) if parts else None,
                source=table.citations(),
                desk=table.word_or_none("desk"),
                unverified=table.word_or_none("unverified"),
                explains=table.flag("explains"),
            )

    def _condition_or_none(self, table: Table, key: str) -> Condition | None:
        source = table.raw(key)
        return None if source is None else self._condition(source, table)

    def _condition(self, source: object, table: Table) -> Condition | None:
        try:
            return read(source, self.names)
        except RuleFault as fault:
            table.fault(str(fault))
            return None

    def _card(self, source: object) -> Card:
        with Table(source, "condition.toml, a card", self.faults) as table:
            return Card(_level(table), table.text("text"), table.words("signs"), table.citations())

    def _words(self, source: object) -> EmergencyWords:
        with Table(source, "condition.toml, emergency words", self.faults) as table:
            return EmergencyWords(
                table.words("rules"),
                table.text("meaning"),
                table.text_or_none("say"),
                table.flag("helpline"),
                table.citations(),
            )

    def _card_intros(self, source: Mapping[str, object]) -> dict[Level, Mapping[str, str]]:
        with Table(source, "condition.toml, card_intro", self.faults) as table:
            return {
                level: text
                for level in Level
                if (text := table.text_or_none(level.name)) is not None
            }

    def _references(self, source: Mapping[str, object]) -> dict[str, Reference]:
        found = {}
        for name, entry in source.items():
            with Table(entry, f"references.toml, {name}", self.faults) as table:
                found[name] = Reference(
                    id=name,
                    title=table.word("title"),
                    status=table.word("status"),
                    publisher=table.word_or_none("publisher"),
                    year=table.number_or_none("year"),
                    where=table.word_or_none("where"),
                    link=table.word_or_none("link"),
                    read_on=table.day_or_none("read_on"),
                    note=table.word_or_none("note"),
                )
        return found

    def _watchwords(self, sources: list[object]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for source in sources:
            with Table(source, "triage.toml, a watchword list", self.faults) as table:
                found[table.word("language")] = table.words("phrases")
        return found

    def _cases(
        self, source: Mapping[str, object], questions: Mapping[str, Question]
    ) -> tuple[Case, ...]:
        calm = {q.id: NO for q in questions.values() if q.kind == "sign"}
        found = []
        with Table(source, "cases.toml", self.faults) as cases:
            calm |= {key: str(value) for key, value in cases.table("calm").items()}
            for entry in cases.tables("case"):
                name = entry.get("id") if isinstance(entry, dict) else None
                with Table(entry, f"cases.toml, case {name}", self.faults) as table:
                    start = {} if table.flag("blank") else calm
                    answers = {key: str(value) for key, value in table.table("answers").items()}
                    found.append(
                        Case(
                            id=table.word("id"),
                            story=table.word("story"),
                            level=_level(table),
                            fires=table.words("fires"),
                            not_fires=table.words("not_fires"),
                            answers=start | answers,
                        )
                    )
        return tuple(found)


def _level(table: Table) -> Level:
    name = table.word("level")
    if name in Level.__members__:
        return Level[name]
    table.fault(f"the level must be one of {', '.join(Level.__members__)}")
    return Level.emergency


def _one_version(about: Table, triage: Table) -> str:
    version = about.word("version")
    if triage.word("version") != version:
        triage.fault(f"its version is not that of condition.toml ({version})")
    return version
