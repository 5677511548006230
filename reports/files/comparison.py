"""The comparison of two dates as a file: a PDF to read, a workbook to work with."""

import io
from datetime import UTC, datetime, time

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from deliverables.models import Target
from plans.common.dates import date_format
from plans.common.marked_words import marked_words
from plans.common.text import printable
from plans.translations import colon
from reports.files.context import plan_context
from reports.files.labels import labels
from reports.files.palette import document_palette
from reports.files.pdf import write_document
from reports.files.rows import LONG, code_and_title, status_context
from reports.files.sentences import as_sentence
from reports.files.xlsx import WORKBOOK_OPTIONS, add_table, fit_to_page_width, header_format, write_text


def comparison_context(plan, compared, baseline):
    """Return what the PDF shows, as plain data in the active language. `compared` is the context of `compare`."""
    texts, comparison = plan.translated_texts(), compared["comparison"]
    start, end = comparison.start.as_of, comparison.end.as_of
    title = baseline.headline if baseline else _("Two dates compared")
    period = _("Changes after %(start)s and up to %(end)s.") % {"start": date_format(start), "end": date_format(end)}
    query = f"?since={baseline.value}&to={end}" if baseline else f"?from={start}&to={end}"
    return plan_context(plan, texts) | {
        "document_title": printable(f"{texts.get(plan.title)}{colon()}{title}"),
        "kind": title,
        "as_of": period,
        "watermark": "",
        "notice": "",
        "flows": flows_context(comparison),
        "known_then": known_sentence(compared),
        "groups": [
            {"title": f"{label} ({len(moves)})", "moves": [move_context(move, texts) for move in moves]}
            for label, moves in comparison.groups
        ],
        "decisions": [decision_context(amendment, texts) for amendment in compared["reworded"]],
        "late": [late_sentence(update, texts) for update in compared["late"]],
        "late_decisions": [decision_context(amendment, texts) for amendment in compared["late_decisions"]],
        "site": {"url": f"{settings.SITE_URL}{reverse('changes', args=[plan.slug])}{query}"},
        "labels": labels()
        | {
            "since_then": _("From then to now"),
            "entered": _("Entered"),
            "left": _("Left"),
            "none": _("None."),
            "decisions": _("Reworded or added measures and action lines"),
            "late": _("Recorded since for the first day or before"),
            "late_decisions": _("Decisions of the first day or before, recorded since"),
            "total": _("Total"),
            "then": date_format(start, "SHORT_DATE_FORMAT"),
            "now": date_format(end, "SHORT_DATE_FORMAT"),
        },
        "palette": document_palette(),
    }


def known_sentence(compared):
    """Return what was known on the first day itself, where something was recorded for it later; otherwise empty."""
    if not compared["known_then"]:
        return ""
    start = compared["comparison"].start
    text = _(
        "On %(day)s, the tracker showed %(then)s. What was recorded later for that day or before makes it %(now)s."
    )
    return text % {"day": date_format(start.as_of), "then": compared["known_then"], "now": start.counts}


def flows_context(comparison):
    rows = [
        status_context(flow.status)
        | {"start": str(flow.start), "gained": str(flow.gained), "lost": str(flow.lost), "end": str(flow.end)}
        for flow in comparison.flows
    ]
    totals = [comparison.start.counts.total, len(comparison.added), len(comparison.withdrawn)]
    return {"rows": rows, "totals": [*map(str, totals), str(comparison.end.counts.total)]}


def move_context(move, texts):
    """Return a deliverable that moved, with all that explains it."""
    row, lines = move.row, explanation(move, texts)
    return code_and_title(row, texts) | {
        "before": status_context(move.before.status) if move.before else None,
        "after": status_context(move.explained.status) if move.explained else None,
        "wording": wording_context(move.before.title, move.after.title, texts) if move.is_reworded else [],
        "lines": [{"label": label, "text": text, "url": url} for label, text, url in lines],
        "breaks": sum(len(text) for _label, text, _url in lines) > LONG,
    }


def wording_context(before, after, texts):
    before, after = texts.get(before), texts.get(after)
    return [{"mark": mark, "text": text} for mark, text in marked_words(before, after)]


def explanation(move, texts):
    """Return (label, text, URL) of each fact that explains a move: the row's at the end, and the decisions."""
    lines, row = [], move.explained
    if row and not move.is_repeated:
        facts = [
            (_("Since"), row.since and date_format(row.since)),
            (_("Reason"), row.reason and row.reason.label),
            (_("Note"), row.note),
            (_("Next step"), row.next_step),
            (_("Expected on"), row.expected_on and date_format(row.expected_on)),
        ]
        lines = [(label, str(text), "") for label, text in facts if text]
        lines += [(_("Evidence"), str(piece), piece.url) for piece in row.evidence]
    if row and row.target and move.new_achieved is not None:
        target = Target(row.target.number, texts.get(row.target.unit))
        lines.append((_("Achieved"), target.progress(row.achieved), ""))
    decisions = () if move.is_repeated else move.decisions
    return lines + [decision_line(amendment, texts) for amendment in decisions]


def decision_line(amendment, texts):
    since = _("In force since %s.") % date_format(amendment.in_force_on)
    change = f"{amendment.text_before} → {amendment.text_after}." if amendment.is_promise else ""
    meeting = f"{amendment.meeting.label_in(texts)}." if amendment.meeting else ""
    text = " ".join(filter(None, [change, since, as_sentence(amendment.decision), meeting]))
    return str(amendment.get_kind_display()), text, amendment.decision_link


def decision_context(amendment, texts):
    label, text, url = decision_line(amendment, texts)
    title = amendment.deliverable.title if amendment.is_promise else amendment.after or amendment.before
    before, after = (title, title) if amendment.is_promise else (amendment.before, amendment.after)
    return {
        "code": amendment.code,
        "title": texts.get(title),
        "label": label,
        "text": text,
        "url": url,
        "wording": wording_context(before, after, texts),
    }


def late_sentence(update, texts):
    values = {
        "code": update.deliverable.code,
        "title": texts.get(update.deliverable.title).rstrip("."),
        "status": str(update.status.label).lower(),
        "since": date_format(update.effective_on),
        "recorded": date_format(update.recorded_on),
    }
    return _("%(title)s (%(code)s): %(status)s since %(since)s, recorded on %(recorded)s.") % values


def write_comparison_pdf(plan, compared, baseline):
    """Return the PDF as bytes."""
    content = comparison_context(plan, compared, baseline)
    return write_document("comparison", content, compared["comparison"].end.as_of)


def write_comparison_xlsx(plan, compared, baseline):
    """Return the workbook as bytes: the figures, and a row for each deliverable that moved with what explains it."""
    file, context = io.BytesIO(), comparison_context(plan, compared, baseline)
    end = compared["comparison"].end.as_of
    with Workbook(file, WORKBOOK_OPTIONS) as book:
        book.set_properties({
            "title": context["document_title"],
            "author": plan.organisation.name,
            "created": datetime.combine(end, time(), UTC),
        })  # fmt: skip
        add_flows(book, context)
        add_table(book, _("Changes"), "Changes", *moves_table(plan, compared))
        if lines := later_lines(context):
            heads = [(_("Recorded later"), 30), (_("What was recorded"), 100)]
            add_table(book, _("Recorded later"), "Later", heads, lines)
    return file.getvalue()


def add_flows(book, context):
    """Add the first sheet: what is compared, and the figures of both dates with sums as formulas."""
    sheet, labels_ = book.add_worksheet(_("Figures")), context["labels"]
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 4, 14)
    fit_to_page_width(sheet)
    lines = [context["title"], context["kind"], context["as_of"], context["known_then"], context["site"]["url"]]
    for row, text in enumerate(filter(None, lines)):
        write_text(book, sheet, row, 0, text, book.add_format({"bold": row == 0}))

    head = 7
    heads = [labels_["status"], labels_["then"], labels_["entered"], labels_["left"], labels_["now"]]
    sheet.write_row(head, 0, heads, header_format(book))
    rows = context["flows"]["rows"]
    for row, flow in enumerate(rows, start=head + 1):
        start, gained, lost, end = (int(flow[name]) for name in ("start", "gained", "lost", "end"))
        sheet.write_string(row, 0, flow["label"])
        sheet.write_row(row, 1, [start, gained, lost])
        sheet.write_formula(row, 4, f"=B{row + 1}+C{row + 1}-D{row + 1}", None, end)
    last, totals = head + len(rows) + 1, context["flows"]["totals"]
    sheet.write_string(last, 0, labels_["total"])
    for column, letter, value in ((1, "B", totals[0]), (4, "E", totals[3])):
        sheet.write_formula(last, column, f"=SUM({letter}{head + 2}:{letter}{last})", None, int(value))


def later_lines(context):
    """Return the lines of what was recorded in the period for the first day or before: its kind, and what it says."""
    labels_ = context["labels"]
    updates = [[labels_["late"], sentence] for sentence in context["late"]]
    decisions = [
        [labels_["late_decisions"], f"{each['title']} ({each['code']}). {each['label']}{colon()}{each['text']}"]
        for each in context["late_decisions"]
    ]
    return updates + decisions


def moves_table(plan, compared):
    """Return the headers of the changes with their widths, and a line for each deliverable in each group."""
    texts = plan.translated_texts()
    heads = [
        (_("Change"), 22), (_("Code"), 10), (_("Deliverable"), 60), (_("Before"), 15), (_("Now"), 15), (_("Since"), 14),
        (_("Reason"), 18), (_("Note"), 60), (_("Evidence"), 36), (_("Evidence link"), 40), (_("Next step"), 40),
        (_("Expected on"), 14), (_("Achieved"), 14), (_("Decision"), 60), (_("Wording before"), 60),
    ]  # fmt: skip
    return heads, [move_line(label, move, texts) for label, moves in compared["comparison"].groups for move in moves]


def move_line(label, move, texts):
    row, after = move.row, move.explained
    return [
        str(label),
        str(row.code),
        texts.get(row.title),
        move.before.status.label if move.before else "",
        after.status.label if after else "",
        (after and after.since) or "",
        (after and after.reason and after.reason.label) or "",
        after.note if after else "",
        after.evidence_titles if after else "",
        after.evidence_links if after else "",
        after.next_step if after else "",
        (after and after.expected_on) or "",
        "" if move.new_achieved is None else move.new_achieved,
        "\n".join(decision_line(amendment, texts)[1] for amendment in move.decisions),
        texts.get(move.before.title) if move.is_reworded else "",
    ]
