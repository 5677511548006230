"""What the documents say: one content for PDF and HTML, and sentences that other files share with them."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from deliverables.status import Status
from plans.common.dates import date_format
from plans.common.text import TranslatedText, printable
from plans.translations import ENGLISH

LONG = 1000  # characters that may fill a page, in a narrow column and wide letters
ROOM = 0.07  # the share of a bar from which on its number can stand in it


def document_context(summary, publication):
    """What a template sets: texts in the reader's language and figures, nothing for it to work out."""
    plan, texts = summary.plan, summary.plan.translated_texts()
    return {
        "lang": texts.language,
        "title": texts.get(plan.title),
        "document_title": document_title(summary, publication),
        "subtitle": texts.get(plan.subtitle),
        "organisation": plan.organisation.name,
        "organisation_in_full": texts.get(plan.organisation.full_name),
        "kind": kind_of(summary, publication),
        "plan": str(plan.name),
        "as_of": _("Status as of %(day)s") % {"day": date_format(summary.as_of)},
        "cover": cover_lines(summary, publication),
        "watermark": _("Preview") if publication and publication.is_preview else "",
        "headline": summary.localized_headline,
        "counts": f"{summary.counts}.",
        "fallback": fallback_sentence(summary),
        "parts": parts(summary.counts),
        "bar": str(summary.counts),
        "lines": [line_context(line, summary, texts) for line in summary.lines],
        "selection": selection_sentence(summary),
        "notice": "",
        "themes": [
            {"name": texts.get(theme.name), "counts": str(counts), "parts": parts(counts)}
            for theme, counts in summary.themes.items()
        ],
        "changes": changes_context(publication, texts),
        "ahead": [outlook_context(row, texts) for row in summary.not_attained],
        "withdrawn": withdrawn_sentences(summary),
        "gaps": missing_sentences(summary, publication),
        "goals_introduction": texts.get(plan.goals_introduction),
        "goals": [{"number": goal.number, "title": _(goal.title)} for goal in summary.goals],
        "acknowledgement": texts.get(plan.acknowledgement),
        "address": [TranslatedText(line, ENGLISH) for line in plan.organisation.address_lines],
        "history": history_sentence(plan),
        "site": address_of_tracker(summary, publication),
        "labels": labels(),
    }


def labels():
    """The templates' own words."""
    return {
        "contents": _("Contents"),
        "glance": _("At a glance"),
        "measure": _("Measure"),
        "deliverable": _("Deliverable"),
        "deliverables": _("Outcomes and deliverables"),
        "status": _("Status"),
        "theme": _("Theme"),
        "counts": _("Where its deliverables stand"),
        "themes": _("Across the plan"),
        "goals": _("Sustainable Development Goals served"),
        "ahead": _("Not attained: why, and what next"),
        "next": _("What next"),
        "withdrawn": _("Withdrawn, counted apart"),
        "gaps": _("What the record lacks"),
        "before": _("Before"),
        "now": _("Now"),
        "page": _("Page"),
        "of": _("of"),
        "verify": _("Whether a file is as it was published is told at"),
        "none": _("No deliverables to show."),
    }


def line_context(line, summary, texts):
    return {
        "name": _("Action line %d") % line.code.line,
        "title": texts.get(line.title),
        "counts": str(line.counts),
        "parts": parts(line.counts),
        "measures": [
            measure_context(measure, rows, texts) for measure in line.measures if (rows := summary.shown_of(measure))
        ],
    }


def measure_context(measure, rows, texts):
    """A measure with its rows. It stays on one page unless it is so long that it could not: then `breaks`."""
    statement, contents = texts.get(measure.statement), [row_context(row, texts) for row in rows]
    lengths = [sum(len(row[part]) for part in ("title", "reason", "evidence")) for row in contents]
    long_statement = len(statement) > LONG
    for row, length in zip(contents, lengths, strict=True):
        row["breaks"] = long_statement or length > LONG
    breaks = long_statement or len(rows) > 6 or sum(lengths) > LONG
    return {"code": str(measure.code), "statement": statement, "rows": contents, "breaks": breaks}


def row_context(row, texts):
    """A row as its table cell says it; the note stands in where it is all the evidence there is."""
    only_note = row.status is Status.ATTAINED and not row.has_evidence
    evidence = row.note if only_note else row.evidence_title or row.evidence_link
    return named(row, texts) | {
        "effective_on": date_format(row.effective_on, "SHORT_DATE_FORMAT") if row.effective_on else "",
        "reason": _("Reason: %s.") % row.reason.label.lower() if row.reason else "",
        "evidence": _("Evidence: %s") % evidence if evidence else "",
        "url": row.evidence_link,
        **mark(row.status),
    }


def outlook_context(row, texts):
    return named(row, texts) | {
        "reason": str(row.reason.label) if row.reason else "",
        "next": what_next(row),
        "breaks": len(what_next(row)) > LONG,
        **mark(row.status),
    }


def changes_context(publication, texts):
    """What moved since the edition before; None where there is none."""
    if not (publication and publication.changes):
        return None
    changes = publication.changes
    day = date_format(changes.start.as_of)
    title = _("What changed since edition %(number)d, as of %(day)s") % {"number": publication.supersedes, "day": day}
    return {
        "title": title,
        "sentence": moved(changes),
        "moves": [
            named(move.row, texts)
            | {"before": mark(move.before.status) if move.before else None}
            | {"after": mark(move.after.status) if move.after else None}
            for move in changes.all_moves
        ],
    }


def named(row, texts):
    return {"code": str(row.code), "title": texts.get(row.title)}


def parts(counts):
    """The statuses of a bar, with their places on it in percent, and whether the number has room there."""
    return [
        {
            "count": part.count,
            "start": part.start,
            "width": part.width,
            "middle": part.middle,
            "has_room": part.count >= ROOM * counts.total,
            **mark(part.status) | {"label": part.label},
        }
        for part in counts.parts
    ]


def mark(status: Status):
    return {"status": status.value, "label": str(status.label)}


def kind_of(summary, publication):
    """What the document is called: an edition's title, else the name of the report."""
    return publication.title if publication else _("%s: summary") % summary.report_name


def document_title(summary, publication):
    """What programs call the file: the plan's title, and which edition it is."""
    if publication is None:
        return printable(summary.plan.translated_texts().get(summary.plan.title))
    values = {
        "plan": summary.plan.translated_texts().get(summary.plan.title),
        "title": publication.title,
        "number": publication.number,
    }
    return printable(_("%(plan)s: %(title)s, edition %(number)d") % values)


def cover_lines(summary, publication):
    """Which edition this is, or that it is none."""
    if publication is None:
        return [_("Drawn from the tracker. Not a published edition.")]
    if publication.is_preview:
        return [_("Preview of edition %d. Not published.") % publication.number]
    values = {"number": publication.number, "day": date_format(publication.published_on)}
    lines = [_("Edition %(number)d, published on %(day)s.") % values]
    if publication.supersedes:
        lines.append(_("It supersedes edition %d.") % publication.supersedes)
    return lines


def address_of_tracker(summary, publication):
    """Where a reader finds this again: the page of the edition, else the plan; and where a file is checked."""
    page = publication.link if publication else settings.SITE_URL + summary.plan.get_absolute_url()
    return {"url": page, "verify_url": settings.SITE_URL + reverse("verify")}


def history_sentence(plan):
    if not plan.history_head:
        return _("The history has no entries yet.")
    values = {"length": plan.history_length, "head": plan.history_head}
    return (
        ngettext(
            "History: one entry, head %(head)s.",
            "History: %(length)d entries, head %(head)s.",
            plan.history_length,
        )
        % values
    )


def selection_sentence(summary):
    """What a filtered document says of itself, so that nobody takes its tables for the whole plan."""
    if summary.shown is None:
        return ""
    return _("The tables show %(shown)d of %(total)d deliverables: %(filters)s.") % {
        "shown": len(summary.shown_rows),
        "total": summary.counts.total,
        "filters": summary.selection,
    }


def fallback_sentence(summary):
    """How much of what the plan says stands in English for want of a translation; nothing where all is said."""
    number, total = len(summary.untranslated(get_language())), len(summary.texts)
    if not number:
        return ""
    if number == total:
        return _("The words of the plan stand in English: they are not translated yet.")
    return ngettext(
        "%(number)d of the plan's %(total)d texts stands in English: it is not translated yet.",
        "%(number)d of the plan's %(total)d texts stand in English: they are not translated yet.",
        number,
    ) % {"number": number, "total": total}


def what_next(row):
    """What is known of the way ahead for a row that is not attained: its due date and what was reported."""
    due = _("Due on %s.") % date_format(row.due_on) if row.due_on else _("No due date is set.")
    return " ".join(filter(None, [due, row.note]))


def withdrawn_sentences(summary):
    """What a decision took out of the figures, a sentence each."""
    sentence, texts = _("%(code)s %(title)s. Withdrawn on %(day)s."), summary.plan.translated_texts()
    return [
        sentence % {"code": row.code, "title": texts.get(row.title).rstrip("."), "day": date_format(row.withdrawn_on)}
        for row in summary.shown_withdrawn
    ]


def missing_sentences(summary, publication):
    """What the record lacked when an edition was published, a sentence for each gap; nothing for other documents."""
    if publication is None:
        return []
    total = summary.counts.total
    sentences = [missing_sentence(gap, codes, total) for gap, codes in publication.gaps.items()]
    return [*sentences, *filter(None, [fallback_sentence(summary)])]


def missing_sentence(gap, codes, total):
    if len(codes) == total > 1:
        return _("%(gap)s: all %(total)d deliverables.") % {"gap": gap.label, "total": total}
    return _("%(gap)s (%(number)d of %(total)d): %(codes)s.") % {
        "gap": gap.label,
        "number": len(codes),
        "total": total,
        "codes": ", ".join(map(str, codes)),
    }


def moved(changes):
    """How the attained went from one summary to another, in a sentence."""
    before, after = changes.start.counts, changes.end.counts
    if not changes.all_moves:
        return _("No deliverable stands otherwise than it did then.")
    return _("%(before)d of %(before_total)d were attained then, %(after)d of %(after_total)d are now.") % {
        "before": before.attained,
        "before_total": before.total,
        "after": after.attained,
        "after_total": after.total,
    }
