"""The sentences of the documents: what they are, what they lack, and how to check them. All formats share them."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from plans.common.dates import date_format
from plans.common.text import isolated, printable


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


def opening_lines(summary, publication, headline=""):
    """Return the lines above the figures of a file: what it is, its date, what to know of it, its source."""
    lines = [
        f"{report_title(summary, publication)}. " + _("Status as of %s.") % date_format(summary.as_of),
        headline,
        fallback_sentence(summary),
        unofficial_sentence(summary),
        names_sentence(summary),
        selection_sentence(summary),
        *cover_lines(summary, publication),
        address_of_tracker(summary, publication)["url"],
        history_sentence(summary.plan),
    ]
    return [line for line in lines if line]


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
    number = len(summary.unofficial(get_language()))
    if not number:
        return ""
    total = len(summary.texts)
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
    return isolated(f"{text}." if text and text[-1].isalnum() else text)


def withdrawn_sentences(summary):
    """Return a sentence for each withdrawn deliverable."""
    sentence, texts = _("%(title)s (%(code)s). Withdrawn on %(day)s."), summary.plan.translated_texts()
    return [
        sentence % {"code": row.code, "title": texts.get(row.title).rstrip("."), "day": date_format(row.withdrawn_on)}
        for row in summary.shown_withdrawn
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
