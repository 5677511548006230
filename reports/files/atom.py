"""Write the changes as an Atom feed (RFC 4287), in pages (RFC 5005)."""

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape, linebreaks
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from plans.common.dates import date_format
from plans.common.text import printable
from plans.translations import colon


class PagedFeed(Atom1Feed):
    """A feed with links to its other pages. `page_urls` holds their URLs by relation, such as `next`."""

    def add_root_elements(self, handler):
        super().add_root_elements(handler)
        for relation, url in self.feed["page_urls"].items():
            handler.addQuickElement("link", "", {"rel": relation, "href": url})


def write_atom(plan, page, query):
    """Return a page of updates as bytes. `query` is the `QueryDict` of the request, with the active filters.

    The feed is public, so entries name the role that recorded them, never the person.
    """
    itself = settings.SITE_URL + reverse("changes_feed", args=[plan.slug])
    feed = PagedFeed(
        title=printable(
            _("%(organisation)s, %(plan)s: changes") % {"organisation": plan.organisation, "plan": plan.name}
        ),
        link=settings.SITE_URL + reverse("changes", args=[plan.slug]),
        description=printable(plan.translated_texts().get(plan.title)),
        language=get_language(),
        feed_url=with_query(itself, query, page.number),
        page_urls={name: with_query(itself, query, number) for name, number in page_numbers(page).items()},
        feed_guid=itself,
        author_name=plan.organisation.name,
    )

    for update in page:
        add_entry(feed, plan, update)

    return feed.writeString("utf-8").encode()


def with_query(url, query, number):
    """Return the URL of a page of the feed with its filters. The first page has no number: it is the feed itself."""
    query = query.copy()
    query.pop("page", None)
    if number > 1:
        query["page"] = number
    return f"{url}?{query.urlencode()}" if query else url


def page_numbers(page):
    """Return the numbers of the other pages, by their relation to this one; none where one page holds everything."""
    if not page.has_other_pages():
        return {}

    before = {"previous": page.previous_page_number()} if page.has_previous() else {}
    after = {"next": page.next_page_number()} if page.has_next() else {}
    return {"first": 1, "last": page.paginator.num_pages} | before | after


def add_entry(feed, plan, update):
    deliverable = update.deliverable
    texts = plan.translated_texts()
    address = f"{settings.SITE_URL}{deliverable.get_absolute_url()}#entry-{update.sequence}"
    title = f"{texts.get(deliverable.title)}{colon()}{update.status.label} ({deliverable.code})"

    feed.add_item(
        title=printable(title),
        link=address,
        unique_id=address,
        description=linebreaks(escape(printable(entry_text(update)))),
        pubdate=update.recorded_at,
        updateddate=update.updated_at,
        author_name=_("Secretariat"),
    )


def entry_text(update):
    """Return the text of an entry, a line for each fact: date, reason, note, evidence, corrections."""
    lines = [
        _("True since %s.") % date_format(update.effective_on),
        update.get_reason_display(),
        update.note,
        *(_("Evidence: %s") % " ".join(filter(None, [piece.title, piece.url])) for piece in update.evidence),
        update.achieved is not None and _("Achieved: %d") % update.achieved,
        update.next_step and _("Next step: %s") % update.next_step,
        update.expected_on and _("Expected on %s.") % date_format(update.expected_on),
        *update.takedown_sentences,
        update.corrects and _("Corrects entry %d.") % update.corrects.sequence,
        update.is_corrected and _("Corrected by entry %d; no longer counts.") % update.correction.sequence,
    ]
    return "\n".join(str(line) for line in lines if line)
