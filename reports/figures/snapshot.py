"""A summary as plain data: what the JSON file holds, and what an edition keeps to be compared with later ones."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.utils.translation import get_language, override

from deliverables.attention import Attention
from deliverables.counts import Counts
from deliverables.status import Reason, Status
from plans.codes import Code
from plans.translations import ENGLISH, OTHER_LANGUAGES, TranslatedTexts
from reports.figures.summary import Row


@dataclass(frozen=True)
class SnapshotLine:
    code: Code
    title: str
    counts: Counts


@dataclass(frozen=True)
class SnapshotSummary:
    """An edition's summary read back: what was true of the plan when it was published."""

    as_of: date
    headline: str
    lines: tuple[SnapshotLine, ...]
    rows: tuple[Row, ...]
    translations: dict[str, dict[str, str]]

    def translated_texts(self):
        """What it says in the language of the page, as it was published."""
        return TranslatedTexts(get_language(), self.translations.get(get_language(), {}))

    @property
    def localized_headline(self):
        return self.translated_texts().get(self.headline)

    @cached_property
    def counts(self):
        return Counts.of(row.status for row in self.rows)


@override(ENGLISH)
def to_snapshot(summary, publication=None):
    """A `PlanSummary` as a dict of texts, numbers and lists, the same in every language.

    `reports/schema` describes each key.
    """
    plan = summary.plan
    return {
        "plan": {
            "slug": plan.slug,
            "title": plan.title,
            "subtitle": plan.subtitle,
            "headline": summary.headline,
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
        "goals": [{"number": goal.number, "title": goal.title} for goal in summary.goals],
        "translations": translations_of(summary, publication),
        "filters": summary.filters,
        "deliverables": [row_as_dict(row) for row in summary.shown_rows],
        "withdrawn": [row_as_dict(row) | {"withdrawn_on": str(row.withdrawn_on)} for row in summary.shown_withdrawn],
    }


def measure_as_dict(measure):
    return {
        "code": str(measure.code),
        "statement": measure.statement,
        "counts": counts_as_dict(measure.counts),
        "themes": [theme.slug for theme in measure.themes],
    }


def translations_of(summary, publication):
    """What of the summary's texts is translated, by language and English text; an edition holds its own languages."""
    languages = [code for code, _name in OTHER_LANGUAGES if publication is None or code in publication.titles]
    return {language: translated(summary, summary.plan.translated_texts(language)) for language in languages}


def translated(summary, texts):
    """The texts that are in these `Words`, with what they say; the headline with its number set in."""
    found = {text: str(texts.get(text)) for text in summary.texts if text in texts.by_source}
    if summary.plan.headline in found:
        found[str(summary.headline)] = str(summary.plan.headline_for(summary.counts.total, texts))
    return found


def edition_as_dict(publication):
    return {
        "number": publication.number,
        "title": publication.titles[ENGLISH],
        "titles": publication.titles,
        "published_on": str(publication.published_on),
        "link": publication.link,
        "supersedes": publication.supersedes,
        "untranslated": publication.untranslated,
        "gaps": {gap.value: [str(code) for code in codes] for gap, codes in publication.gaps.items()},
    }


def counts_as_dict(counts: Counts):
    return {status.value: count for status, count in counts.by_status.items()} | {"total": counts.total}


def row_as_dict(row):
    evidence = {"title": row.evidence_title, "link": row.evidence_link}
    return {
        "code": str(row.code),
        "action_line": str(row.code.in_line),
        "measure": str(row.code.in_measure),
        "title": row.title,
        "due_on": row.due_on and str(row.due_on),
        "status": row.status.value,
        "effective_on": row.effective_on and str(row.effective_on),
        "reason": row.reason and row.reason.value,
        "evidence": evidence if any(evidence.values()) else None,
        "note": row.note,
    }


def from_snapshot(content):
    """The `FrozenSummary` that `freeze` made this of."""
    measures = {measure["code"]: measure for measure in content["measures"]}
    titles = {line["code"]: line["title"] for line in content["action_lines"]}
    themes = {theme["slug"]: theme["name"] for theme in content["themes"]}
    lines = tuple(
        SnapshotLine(Code.parse(line["code"]), line["title"], counts_of(line["counts"]))
        for line in content["action_lines"]
    )
    rows = tuple(
        row_of(
            row,
            statement=measures[row["measure"]]["statement"],
            line_title=titles[row["action_line"]],
            themes=tuple(themes[slug] for slug in measures[row["measure"]]["themes"]),
        )
        for row in content["deliverables"]
    )
    return SnapshotSummary(
        day(content["as_of"]), content["plan"]["headline"], lines, rows, content.get("translations", {})
    )


def read_missing(content):
    """The gaps that `edition_as_dict` wrote, as in `Publication`."""
    return {Attention(gap): tuple(Code.parse(code) for code in codes) for gap, codes in content.items()}


def counts_of(content):
    return Counts(**{status.value: content[status.value] for status in Status})


def row_of(content, **around):
    """A row from its own keys; `around` is what its line and measure say."""
    evidence = content["evidence"] or {"title": "", "link": ""}
    return Row(
        code=Code.parse(content["code"]),
        title=content["title"],
        status=Status(content["status"]),
        effective_on=day(content["effective_on"]),
        reason=content["reason"] and Reason(content["reason"]),
        note=content["note"],
        evidence_title=evidence["title"],
        evidence_link=evidence["link"],
        due_on=day(content["due_on"]),
        **around,
    )


def day(text):
    return text and date.fromisoformat(text)
