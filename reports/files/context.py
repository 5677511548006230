"""The content of the documents: one context for PDF, HTML, slides and Word. It is plain data in the active language."""

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from deliverables.status import Status
from plans.common.dates import date_format
from plans.common.text import TranslatedText
from plans.translations import ENGLISH
from reports.files.changes import changes_context
from reports.files.labels import labels
from reports.files.palette import document_palette
from reports.files.rows import bar_parts, measure_context, outlook_context, shared_note_sentence, shared_notes
from reports.files.sentences import (
    address_of_tracker,
    cover_lines,
    document_title,
    fallback_sentence,
    history_sentence,
    missing_sentences,
    names_sentence,
    next_steps,
    report_title,
    selection_sentence,
    unofficial_sentence,
    withdrawn_sentences,
)


def document_context(summary, publication):
    """Return all that a document shows, in the active language. The templates only arrange it.

    It is plain data, since Typst receives it as JSON.
    """
    texts = summary.plan.translated_texts()
    return plan_context(summary.plan, texts) | {
        "document_title": document_title(summary, publication),
        "kind": report_title(summary, publication),
        "as_of": _("Status as of %(day)s") % {"day": date_format(summary.as_of)},
        "cover": cover_lines(summary, publication),
        "watermark": _("Preview") if publication and publication.is_preview else "",
        **written_context(publication, texts),
        "headline": summary.localized_headline,
        "counts": f"{summary.counts}.",
        "fallback": fallback_sentence(summary),
        "unofficial": unofficial_sentence(summary),
        "names": names_sentence(summary),
        "parts": bar_parts(summary.counts),
        "rounding": rounding_sentence(summary.counts),
        "bar": str(summary.counts),
        "lines": [line_context(line, summary, publication, texts) for line in summary.lines],
        "selection": selection_sentence(summary),
        "notice": "",
        "themes": [
            {"name": texts.get(theme.name), "counts": str(counts), "parts": bar_parts(counts)}
            for theme, counts in summary.themes.items()
        ],
        "regions": [
            {"name": texts.get(region.name), "counts": str(counts), "parts": bar_parts(counts)}
            for region, counts in regions_to_chart(summary).items()
        ],
        "changes": changes_context(summary, publication, texts),
        **ahead_context(summary, texts),
        "withdrawn": withdrawn_sentences(summary),
        "missing": missing_sentences(summary, publication),
        "evidence_files": evidence_files_context(summary),
        "goals": [{"number": goal.number, "title": _(goal.title)} for goal in summary.goals],
        "site": address_of_tracker(summary, publication),
        "labels": labels(),
        "palette": document_palette(),
    }


def plan_context(plan, texts):
    """Return what a document shows of the plan and its organisation themselves."""
    return {
        "lang": texts.language,
        "title": texts.get(plan.title),
        "subtitle": texts.get(plan.subtitle),
        "organisation": plan.organisation.name,
        "organisation_in_full": texts.get(plan.organisation.full_name),
        "plan": str(plan.name),
        "goals_introduction": texts.get(plan.goals_introduction),
        "acknowledgement": texts.get(plan.acknowledgement).finished,
        "address": [TranslatedText(line, ENGLISH) for line in plan.organisation.address_lines],
        "history": history_sentence(plan),
        "history_head": plan.history_head,
    }


def written_context(publication, texts):
    """Return what was written for an edition, each text as its paragraphs or lines; empty lists for other documents."""
    names = ("foreword", "signed_by", "key_results", "decisions")
    written = {name: paragraphs(publication.text(name)) if publication else [] for name in names}
    meeting = publication.meeting.label_in(texts) if publication and publication.meeting else ""
    return written | {"meeting": meeting}


def paragraphs(text):
    """Return the paragraphs of a text, each in its language."""
    return [TranslatedText(part.strip(), text.language) for part in text.splitlines() if part.strip()]


def regions_to_chart(summary):
    """Return the counts by region; none where all regions have the same deliverables, which tells nobody anything."""
    shared = {row.regions for row in summary.rows if row.regions}
    return summary.regions if len(shared) > 1 else {}


def line_context(line, summary, publication, texts):
    """Return an action line with its measures. A note that many of its deliverables have is in `shared_notes`."""
    shown = [(measure, rows) for measure in line.measures if (rows := summary.shown_of(measure))]
    shared = shared_notes([row for _measure, rows in shown for row in rows])
    return {
        "name": _("Action line %d") % line.code.line,
        "number": line.code.line,
        "title": texts.get(line.title),
        "comment": paragraphs(publication.text("comments", line.code)) if publication else [],
        "counts": str(line.counts),
        "attained": _("%(number)d of %(total)d attained")
        % {"number": line.counts.attained, "total": line.counts.total},
        "parts": bar_parts(line.counts),
        "shared_notes": [shared_note_sentence(note, number) for note, number in shared.items()],
        "measures": [measure_context(measure, rows, texts, shared) for measure, rows in shown],
    }


def ahead_context(summary, texts):
    """Return what is not attained with its reasons and next steps; while a plan runs, what is late or not developed."""
    rows, is_over = summary.not_attained, summary.as_of >= summary.plan.ends_on
    if not is_over:
        rows = [row for row in rows if row.status is Status.NOT_DEVELOPED or is_late(row, summary.as_of)]
    has_any = any(next_steps(row) for row in rows)
    if is_over:
        title = _("Not attained: reasons and next steps") if has_any else _("Not attained, with the reasons")
    else:
        title = _("Late or not developed: reasons and next steps")
    return {
        "ahead": [outlook_context(row, texts) for row in rows],
        "ahead_title": title,
        "has_next_steps": has_any,
    }


def is_late(row, day):
    """Return whether a row was due or expected before a day."""
    return any(promised and promised < day for promised in (row.due_on, row.expected_on))


def rounding_sentence(counts):
    """Return why the percentages do not add up to 100, or an empty text where they do."""
    if not counts.percents_are_rounded:
        return ""
    return _("Each percentage is rounded separately, so they do not add up to 100.")


def evidence_files_context(summary):
    """Return the files of evidence in the listed rows, each with its size and SHA-256, so that they can be checked."""
    return [
        {
            "title": str(piece),
            "code": str(row.code),
            "url": piece.url,
            "size": filesizeformat(piece.file.size),
            "sha256": piece.file.sha256,
        }
        for row in summary.listed_rows
        for piece in row.evidence
        if piece.file
    ]
