"""What changed, as the documents say it: since the edition before, or since the last meeting."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plans.common.dates import date_format
from reports.figures.comparison import changes_since
from reports.files.rows import code_and_title, status_context
from reports.files.sentences import as_sentence, comparison_sentence


def changes_context(summary, publication, texts):
    """Return what changed since the edition before or else since the meeting before; None if there was neither."""
    return since_edition(publication, texts) or since_meeting(summary, publication, texts)


def since_edition(publication, texts):
    """Return what changed since the edition of the nearest earlier day; None if there is none."""
    if not (publication and publication.changes):
        return None
    changes = publication.changes
    values = {"number": publication.compared_with, "day": date_format(changes.start.as_of)}
    return comparison_context(_("What changed since edition %(number)d, as of %(day)s") % values, changes, texts)


def since_meeting(summary, publication, texts):
    """Return what changed since the last meeting before the one that this is for; None if there was none."""
    plan, days = summary.plan, [summary.as_of]
    if publication and publication.meeting:
        days.append(publication.meeting.held_on)
    meeting = plan.meeting_before(min(days))
    if meeting is None:
        return None

    changes = changes_since(meeting.held_on, summary)
    return comparison_context(_("Since %s") % meeting.label_in(texts), changes, texts)


def comparison_context(title, changes, texts):
    """Return a `Comparison` with its moves. First reports are counted only: they are no change of a status."""
    first = [move for move in changes.all_moves if is_first_report(move)]
    moves = [move for move in changes.all_moves if not is_first_report(move)]
    return {
        "title": title,
        "sentence": " ".join(filter(None, [comparison_sentence(changes), first_reports_sentence(len(first))])),
        "moves": [move_context(move, texts) for move in moves],
    }


def is_first_report(move):
    return bool(move.before and move.after) and move.before.effective_on is None


def first_reports_sentence(number):
    if not number:
        return ""
    text = ngettext(
        "%d deliverable was reported for the first time.", "%d deliverables were reported for the first time.", number
    )
    return text % number


def move_context(move, texts):
    """Return a deliverable that moved, with the statuses before and after and what explains the move."""
    return code_and_title(move.row, texts) | {
        "before": status_context(move.before.status) if move.before else None,
        "after": status_context(move.after.status) if move.after else None,
        "why": why(move.explained),
    }


def why(row):
    """Return what was reported with a status: the reason and the note. Empty if there is neither."""
    if row is None:
        return ""
    reason = as_sentence(str(row.reason.label)) if row.reason else ""
    return " ".join(filter(None, [reason, as_sentence(row.note)]))
