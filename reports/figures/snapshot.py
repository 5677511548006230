"""A summary as plain data: the content of the JSON file, and what an edition stores for later comparisons."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import get_language, override

from deliverables.attention import Attention
from deliverables.counts import Counts
from deliverables.models import Evidence, StoredFile, Target
from deliverables.status import Reason, Status
from plans.codes import Code
from plans.common.text import TranslatedText
from plans.translations import ENGLISH, OTHER_LANGUAGES, TranslatedTexts
from reports.figures.summary import Row

# Version 1, without this key, is of editions before release 1.3: one piece of evidence, no targets and next steps.
VERSION = 2


@dataclass(frozen=True)
class SnapshotLine:
    code: Code
    title: str
    counts: Counts


@dataclass(frozen=True)
class SnapshotSummary:
    """The summary stored with an edition: the state of the plan when the edition was published."""

    as_of: date
    headline: str
    headlines: dict[str, str]  # by language: a headline with its number may be the same text as another one
    lines: tuple[SnapshotLine, ...]
    rows: tuple[Row, ...]
    translations: dict[str, dict[str, str]]
    unofficial: dict[str, list[str]]  # by language: the English texts whose translation was unofficial

    def translated_texts(self):
        """Return the texts of the edition in the active language, as they were when it was published."""
        language = get_language()
        return TranslatedTexts(language, self.translations.get(language, {}), self.unofficial.get(language, ()))

    @property
    def localized_headline(self):
        language = get_language() if get_language() in self.headlines else ENGLISH
        return TranslatedText(self.headlines.get(language, self.headline), language)

    @cached_property
    def counts(self):
        return Counts.of(row.status for row in self.rows)


@override(ENGLISH)
def to_snapshot(summary, publication=None):
    """Return a `PlanSummary` as a dict of texts, numbers and lists. `reports/files/schema` describes each key.

    It is built in English, so that the JSON file is the same in every language.
    """
    plan, languages = summary.plan, languages_of(publication)
    return {
        "version": VERSION,
        "plan": {
            "slug": plan.slug,
            "title": plan.title,
            "subtitle": plan.subtitle,
            "headline": summary.headline,
            "headlines": headlines_in(summary, languages),
            "starts_on": str(plan.starts_on),
            "ends_on": str(plan.ends_on),
        },
        "as_of": str(summary.as_of),
        "revision": plan.revision,
        "history": {"length": plan.history_length, "head": plan.history_head},
        "edition": publication and edition_as_dict(publication),
        "counts": counts_as_dict(summary.counts),
        "action_lines": [
            {"code": str(line.code), "title": line.title, "counts": counts_as_dict(line.counts)}
            for line in summary.lines
        ],
        "measures": [measure_as_dict(measure) for measure in summary.measures],
        "themes": [
            {"slug": theme.slug, "name": theme.name, "counts": counts_as_dict(counts)}
            for theme, counts in summary.themes.items()
        ],
        "regions": [
            {"slug": region.slug, "name": region.name, "counts": counts_as_dict(counts)}
            for region, counts in summary.regions.items()
        ],
        "goals": [{"number": goal.number, "title": goal.title} for goal in summary.goals],
        "translations": {language: translated_in(summary, language) for language in languages},
        "unofficial_translations": {
            language: texts for language in languages if (texts := summary.unofficial(language))
        },
        "filters": summary.selection.filters,
        "deliverables": [row_as_dict(row) for row in summary.shown_rows],
        "withdrawn": [row_as_dict(row) | {"withdrawn_on": str(row.withdrawn_on)} for row in summary.shown_withdrawn],
    }


def measure_as_dict(measure):
    return {
        "code": str(measure.code),
        "statement": measure.statement,
        "short_name": measure.short_name,
        "short_name_by_tracker": measure.short_name_by_tracker,
        "counts": counts_as_dict(measure.counts),
        "themes": [theme.slug for theme in measure.themes],
    }


def languages_of(publication):
    """Return the languages of the translations in a snapshot: of an edition, those it is published in."""
    return [code for code, _name in OTHER_LANGUAGES if publication is None or code in publication.titles]


def headlines_in(summary, languages):
    """Return the headline with its number filled in, in each language that it is translated into."""
    plan, total = summary.plan, summary.counts.total
    texts = {language: plan.translated_texts(language) for language in languages}
    return {
        language: str(plan.headline_for(total, texts[language]))
        for language in languages
        if plan.headline in texts[language].by_source
    }


def translated_in(summary, language):
    """Return the translations into one language. The headline is included once more with its number filled in."""
    texts = summary.plan.translated_texts(language)
    headline = {str(summary.headline): text for text in headlines_in(summary, [language]).values()}
    return headline | {text: str(texts.get(text)) for text in summary.texts if text in texts.by_source}


def edition_as_dict(publication):
    return {
        "number": publication.number,
        "title": publication.titles[ENGLISH],
        "titles": publication.titles,
        "published_on": str(publication.published_on),
        "link": publication.link,
        "supersedes": publication.supersedes,
        "untranslated": publication.untranslated,
        "texts": {language: written for language, texts in publication.texts.items() if (written := texts.as_dict())},
        "meeting": publication.meeting and meeting_as_dict(publication.meeting),
        "gaps": {kind.value: [str(code) for code in codes] for kind, codes in publication.missing.items()},
    }


def meeting_as_dict(meeting):
    return {"name": meeting.name, "place": meeting.place, "held_on": str(meeting.held_on)}


def counts_as_dict(counts: Counts):
    return {status.value: count for status, count in counts.by_status.items()} | {"total": counts.total}


def row_as_dict(row):
    return {
        "code": str(row.code),
        "action_line": str(row.code.in_line),
        "measure": str(row.code.in_measure),
        "title": row.title,
        "due_on": row.due_on and str(row.due_on),
        "status": row.status.value,
        "since": row.since and str(row.since),
        "effective_on": row.effective_on and str(row.effective_on),
        "reason": row.reason and row.reason.value,
        "evidence": [piece_as_dict(piece) for piece in row.evidence],
        "note": row.note,
        "next_step": row.next_step,
        "expected_on": row.expected_on and str(row.expected_on),
        "achieved": row.achieved,
        "target": row.target and {"number": row.target.number, "unit": row.target.unit},
        "continues": row.continues or None,
        "regions": list(row.regions),
    }


def piece_as_dict(piece):
    file = piece.file and {
        "sha256": piece.file.sha256, "size": piece.file.size, "kind": piece.file.kind, "link": piece.url
    }  # fmt: skip
    return {"title": piece.title, "link": piece.link, "file": file}


def piece_from_dict(content):
    """Return the piece of evidence that `piece_as_dict` wrote; files are newer than the first editions."""
    file = content.get("file")
    return Evidence(content["title"], content["link"], file and StoredFile(file["sha256"], file["size"], file["kind"]))


def from_snapshot(content):
    """Return the `SnapshotSummary` of what `to_snapshot` returned.

    Editions are never rewritten: a key that is newer than the first editions needs a default.
    """
    headline, translations = content["plan"]["headline"], content.get("translations", {})
    measures = {measure["code"]: measure for measure in content["measures"]}
    titles = {line["code"]: line["title"] for line in content["action_lines"]}
    themes = {theme["slug"]: theme["name"] for theme in content["themes"]}

    lines = tuple(
        SnapshotLine(Code.parse(line["code"]), line["title"], counts_from_dict(line["counts"]))
        for line in content["action_lines"]
    )
    rows = tuple(
        row_from_dict(
            row,
            statement=measures[row["measure"]]["statement"],
            measure_name=measures[row["measure"]].get("short_name", ""),
            line_title=titles[row["action_line"]],
            themes=tuple(themes[slug] for slug in measures[row["measure"]]["themes"]),
        )
        for row in content["deliverables"]
    )

    return SnapshotSummary(
        as_of=parse_date(content["as_of"]),
        headline=headline,
        headlines=content["plan"].get("headlines", headlines_from(translations, headline)),
        lines=lines,
        rows=rows,
        translations=translations,
        unofficial=content.get("unofficial_translations", {}),
    )


def headlines_from(translations, headline):
    """Return the headlines of an edition before 1.2, which has them among its translations only."""
    return {language: texts[headline] for language, texts in translations.items() if headline in texts}


def read_missing(content):
    """Return the missing information that `edition_as_dict` wrote, as `Publication` has it."""
    return {Attention(kind): tuple(Code.parse(code) for code in codes) for kind, codes in content.items()}


def counts_from_dict(content):
    return Counts(**{status.value: content[status.value] for status in Status})


def row_from_dict(content, **parent_fields):
    """Return a row. `parent_fields` are those that its measure and action line supply."""
    evidence = content["evidence"] or []
    evidence = [evidence] if isinstance(evidence, dict) else evidence  # version 1 has one piece
    target = content.get("target")
    return Row(
        code=Code.parse(content["code"]),
        title=content["title"],
        status=Status(content["status"]),
        since=parse_date(content.get("since", content["effective_on"])),  # editions before 1.1 have no `since`
        effective_on=parse_date(content["effective_on"]),
        reason=content["reason"] and Reason(content["reason"]),
        note=content["note"],
        evidence=tuple(map(piece_from_dict, evidence)),
        next_step=content.get("next_step", ""),
        expected_on=parse_date(content.get("expected_on")),
        achieved=content.get("achieved"),
        target=target and Target(target["number"], target["unit"]),
        due_on=parse_date(content["due_on"]),
        continues=content.get("continues") or "",
        regions=tuple(content.get("regions", ())),
        **parent_fields,
    )


def parse_date(text):
    return text and date.fromisoformat(text)
