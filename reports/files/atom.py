"""Write the latest changes as an Atom feed."""

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape, linebreaks
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from plans.common.dates import date_format
from plans.common.text import printable
from plans.translations import colon


def write_atom(plan, updates, query=""):
    """Return the feed as bytes. `query` holds the active filters.

    The feed is public, so entries name the role that recorded them, never the person.
    """
    page = settings.SITE_URL + reverse("changes", args=[plan.slug])
    itself = settings.SITE_URL + reverse("changes_feed", args=[plan.slug])
    feed = Atom1Feed(
        title=printable(
            _("%(organisation)s, %(plan)s: changes") % {"organisation": plan.organisation, "plan": plan.name}
        ),
        link=page,
        description=printable(plan.translated_texts().get(plan.title)),
        language=get_language(),
        feed_url=f"{itself}?{query}" if query else itself,
        feed_guid=itself,
        author_name=plan.organisation.name,
    )

    for update in updates:
        add_entry(feed, plan, update)

    return feed.writeString("utf-8").encode()


def add_entry(feed, plan, update):
    deliverable = update.deliverable
    texts = plan.translated_texts()
    address = f"{settings.SITE_URL}{deliverable.get_absolute_url()}#entry-{update.sequence}"
    title = f"{deliverable.code} {update.status.label}{colon()}{texts.get(deliverable.title)}"

    feed.add_item(
        title=printable(title),
        link=address,
        unique_id=address,
        description=linebreaks(escape(printable(entry_text(update)))),
        pubdate=update.recorded_at,
        updateddate=update.recorded_at,
        author_name=_("Secretariat"),
    )


def entry_text(update):
    """Return the text of an entry, a line for each fact: date, reason, note, evidence, corrections."""
    lines = [
        _("Effective on %s.") % date_format(update.effective_on),
        update.get_reason_display(),
        update.note,
        update.evidence and _("Evidence: %s") % " ".join(filter(None, [update.evidence_title, update.evidence_link])),
        update.corrects and _("Corrects entry %d.") % update.corrects.sequence,
        update.is_corrected and _("Corrected by entry %d; no longer counts.") % update.correction.sequence,
    ]
    return "\n".join(str(line) for line in lines if line)
