"""The content of the documents: one context for PDF and HTML, and sentences that XLSX shares with them."""

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from deliverables.models import Target
from deliverables.status import Status
from plans.common.dates import date_format
from plans.common.text import TranslatedText, printable
from plans.translations import ENGLISH
from reports.files.palette import document_palette

LONG = 1000  # characters: a table cell with more may be longer than a page, so it may break across pages
ROOM = 0.07  # the share of a bar that has room for its number


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
        "headline": summary.localized_headline,
        "counts": f"{summary.counts}.",
        "fallback": fallback_sentence(summary),
        "unofficial": unofficial_sentence(summary),
        "names": names_sentence(summary),
        "parts": bar_parts(summary.counts),
        "bar": str(summary.counts),
        "lines": [line_context(line, summary, texts) for line in summary.lines],
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
        "changes": changes_context(publication, texts),
        "ahead": [outlook_context(row, texts) for row in summary.not_attained],
        **next_steps_context(summary),
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
    }


def regions_to_chart(summary):
    """Return the counts by region; none where all regions have the same deliverables, which tells nobody anything."""
    shared = {row.regions for row in summary.rows if row.regions}
    return summary.regions if len(shared) > 1 else {}


def labels():
    """Return the headings and labels of the templates."""
    return {
        "contents": _("Contents"),
        "glance": _("At a glance"),
        "measure": _("Measure"),
        "deliverable": _("Deliverable"),
        "evidence": _("Evidence:"),
        "deliverables": _("Outcomes and deliverables"),
        "status": _("Status"),
        "theme": _("Theme"),
        "counts": _("Deliverables by status"),
        "themes": _("Across the plan"),
        "regions": _("By region"),
        "region": _("Region"),
        "date": _("Date"),
        "goals": _("Sustainable Development Goals served"),
        "next": _("Next steps"),
        "withdrawn": _("Withdrawn, not included in the totals"),
        "missing": _("Missing information"),
        "evidence_files": _("Files of evidence"),
        "sha256": _("Size and SHA-256"),
        "before": _("Before"),
        "now": _("Now"),
        "page": _("Page"),
        "of": _("of"),
        "verify": _("Check that this file is the published one:"),
        "none": _("No deliverables to show."),
    }


def line_context(line, summary, texts):
    return {
        "name": _("Action line %d") % line.code.line,
        "title": texts.get(line.title),
        "counts": str(line.counts),
        "parts": bar_parts(line.counts),
        "measures": [
            measure_context(measure, rows, texts) for measure in line.measures if (rows := summary.shown_of(measure))
        ],
    }


def measure_context(measure, rows, texts):
    """Return a measure with its rows. `breaks` says whether it may break across pages, since it may not fit on one."""
    statement, contexts = texts.get(measure.statement), [row_context(row, texts) for row in rows]
    lengths = [
        len(row["title"]) + len(row["reason"]) + sum(len(piece["text"]) for piece in row["evidence"])
        for row in contexts
    ]
    is_long = len(statement) > LONG

    for row, length in zip(contexts, lengths, strict=True):
        row["breaks"] = is_long or length > LONG
    breaks = is_long or len(rows) > 6 or sum(lengths) > LONG
    names = {
        "name": texts.get(measure.short_name),
        "cell": texts.measure_name(measure.short_name, measure.statement),
    }
    return {"code": str(measure.code), "statement": statement, "rows": contexts, "breaks": breaks} | names


def row_context(row, texts):
    """Return a row as its table cell shows it. The note serves as evidence if there is no other."""
    evidence = [{"text": str(piece), "url": piece.url} for piece in row.evidence]
    if row.status is Status.ATTAINED and not evidence and row.note:
        evidence = [{"text": row.note, "url": ""}]

    return code_and_title(row, texts) | {
        "since": _("since %(day)s") % {"day": date_format(row.since, "SHORT_DATE_FORMAT")} if row.since else "",
        "due": _("Due %(day)s") % {"day": date_format(row.due_on, "SHORT_DATE_FORMAT")} if row.due_on else "",
        "reason": _("Reason: %s.") % row.reason.label.lower() if row.reason else "",
        "evidence": evidence,
        "quantity": quantity_context(row, texts),
        **status_context(row.status),
    }


def quantity_context(row, texts):
    """Return the quantity of a row as a text and as a share for its bar; None without a target."""
    if not row.target:
        return None
    share = None if row.achieved is None else min(row.achieved / row.target.number, 1)
    return {
        "text": Target(row.target.number, texts.get(row.target.unit)).progress(row.achieved),
        "share": share,
        "width": "" if share is None else f"{100 * share:.1f}%",
    }


def next_steps_context(summary):
    """Return whether any next step is known of what is not attained, and the heading that fits."""
    has_any = any(next_steps(row) for row in summary.not_attained)
    title = _("Not attained: reasons and next steps") if has_any else _("Not attained, with the reasons")
    return {"has_next_steps": has_any, "ahead_title": title}


def outlook_context(row, texts):
    """Return a row that is not attained, with its reason and its next steps."""
    return code_and_title(row, texts) | {
        "reason": str(row.reason.label) if row.reason else "",
        "note": row.note,
        "next": next_steps(row) or "–",
        "breaks": len(row.note) + len(row.next_step) > LONG,
        **status_context(row.status),
    }


def changes_context(publication, texts):
    """Return what changed since the edition of the nearest earlier day; None if there is none."""
    if not (publication and publication.changes):
        return None

    changes = publication.changes
    values = {"number": publication.compared_with, "day": date_format(changes.start.as_of)}
    return {
        "title": _("What changed since edition %(number)d, as of %(day)s") % values,
        "sentence": comparison_sentence(changes),
        "moves": [
            code_and_title(move.row, texts)
            | {"before": status_context(move.before.status) if move.before else None}
            | {"after": status_context(move.after.status) if move.after else None}
            for move in changes.all_moves
        ],
    }


def code_and_title(row, texts):
    return {"code": str(row.code), "title": texts.get(row.title)}


def bar_parts(counts):
    """Return the parts of a bar, one per status: its position in percent, and whether its number fits into it."""
    return [
        {
            "count": part.count,
            "start": part.start,
            "width": part.width,
            "middle": part.middle,
            "has_room": part.count >= ROOM * counts.total,
            **status_context(part.status) | {"label": part.label},
        }
        for part in counts.parts
    ]


def status_context(status: Status):
    return {"status": status.value, "label": str(status.label)}


def report_title(summary, publication):
    """Return the title of an edition, or the name of the report for other documents."""
    return publication.title if publication else _("%s: summary") % summary.report_name


def document_title(summary, publication):
    """Return the title in the file's metadata: the plan's title and, of an edition, its title and number."""
    plan_title = summary.plan.translated_texts().get(summary.plan.title)
    if publication is None:
        return printable(plan_title)

    values = {"plan": plan_title, "title": publication.title, "number": publication.number}
    return printable(_("%(plan)s: %(title)s, edition %(number)d") % values)


def cover_lines(summary, publication):
    """Return sentences that say which edition this is, or that it is none."""
    if publication is None:
        return [_("Generated from the tracker. Not a published edition.")]
    if publication.is_preview:
        return [_("Preview of edition %d. Not published.") % publication.number]

    values = {"number": publication.number, "day": date_format(publication.published_on)}
    lines = [_("Edition %(number)d, published on %(day)s.") % values]
    if publication.supersedes and publication.is_current:
        lines.append(_("It supersedes edition %d.") % publication.supersedes)
    return lines


def address_of_tracker(summary, publication):
    """Return the URLs of the edition's page, or else the plan's, and of the page that verifies files."""
    page = publication.link if publication else settings.SITE_URL + summary.plan.get_absolute_url()
    return {"url": page, "verify_url": settings.SITE_URL + reverse("verify")}


def history_sentence(plan):
    """Return the length and the last digest of the history, from which a document can be checked."""
    if not plan.history_head:
        return _("The history has no entries yet.")

    values = {"length": plan.history_length, "head": plan.history_head}
    text = ngettext(
        "History: one entry, last hash %(head)s.",
        "History: %(length)d entries, last hash %(head)s.",
        plan.history_length,
    )
    return text % values


def selection_sentence(summary):
    """Return the warning of a filtered document that its tables do not show the whole plan, or an empty text."""
    if summary.selection.is_all:
        return ""
    return _("The tables show %(shown)d of %(total)d deliverables: %(filters)s.") % {
        "shown": len(summary.shown_rows),
        "total": summary.counts.total,
        "filters": summary.selection.description,
    }


def fallback_sentence(summary):
    """Return how many of the plan's texts are shown in English for lack of a translation, or an empty text."""
    number = len(summary.untranslated(get_language()))
    if not number:
        return ""
    total = len(summary.texts)
    if number == total:
        return _("The texts of the plan are in English because they are not translated yet.")
    return ngettext(
        "%(number)d of the plan's %(total)d texts is in English because it is not translated yet.",
        "%(number)d of the plan's %(total)d texts are in English because they are not translated yet.",
        number,
    ) % {"number": number, "total": total}


def names_sentence(summary):
    """Return whose the short names of the measures are, where they come with the tracker, or an empty text."""
    if not summary.has_names_by_tracker:
        return ""
    return _("The short names of the measures are the tracker's own; the statements are the organisation's.")


def unofficial_sentence(summary):
    """Return how many of the plan's texts are shown in an unofficial translation, or an empty text."""
    number, total = len(summary.unofficial(get_language())), len(summary.texts)
    if not number:
        return ""
    if number == total:
        return _(
            "The texts of the plan are an unofficial translation made for this tracker, not yet confirmed by the"
            " secretariat."
        )
    return ngettext(
        "%(number)d of the plan's %(total)d texts is an unofficial translation made for this tracker, not yet"
        " confirmed by the secretariat.",
        "%(number)d of the plan's %(total)d texts are an unofficial translation made for this tracker, not yet"
        " confirmed by the secretariat.",
        number,
    ) % {"number": number, "total": total}


def next_steps(row):
    """Return what is known of the next steps of a row: the step and its dates. Empty if nothing is known."""
    expected = _("Expected on %s.") % date_format(row.expected_on) if row.expected_on else ""
    due = _("Due on %s.") % date_format(row.due_on) if row.due_on else ""
    return " ".join(filter(None, [as_sentence(row.next_step), expected, due]))


def as_sentence(text):
    """Return a text that ends as a sentence does."""
    return f"{text}." if text and text[-1].isalnum() else text


def withdrawn_sentences(summary):
    """Return a sentence for each withdrawn deliverable."""
    sentence, texts = _("%(title)s (%(code)s). Withdrawn on %(day)s."), summary.plan.translated_texts()
    return [
        sentence % {"code": row.code, "title": texts.get(row.title).rstrip("."), "day": date_format(row.withdrawn_on)}
        for row in summary.shown_withdrawn
    ]


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


def missing_sentences(summary, publication):
    """Return a sentence for each kind of information missing when an edition is published; none for other documents."""
    if publication is None:
        return []

    total = summary.counts.total
    sentences = [missing_sentence(kind, codes, total) for kind, codes in publication.missing.items()]
    return [*sentences, *filter(None, [fallback_sentence(summary)])]


def missing_sentence(kind, codes, total):
    """Return which of a plan's deliverables lack a kind of information (an `Attention`)."""
    if len(codes) == total > 1:
        return _("%(gap)s: all %(total)d deliverables.") % {"gap": kind.label, "total": total}
    return _("%(gap)s (%(number)d of %(total)d): %(codes)s.") % {
        "gap": kind.label,
        "number": len(codes),
        "total": total,
        "codes": ", ".join(map(str, codes)),
    }


def comparison_sentence(changes):
    """Return how the number of attained deliverables changed, in a sentence."""
    before, after = changes.start.counts, changes.end.counts
    if not changes.all_moves:
        return _("No deliverable has changed its status since then.")
    return _("%(before)d of %(before_total)d were attained then, %(after)d of %(after_total)d are now.") % {
        "before": before.attained,
        "before_total": before.total,
        "after": after.attained,
        "after_total": after.total,
    }
