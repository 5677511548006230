"""Whether the web addresses of the evidence still lead to a page: what the last check of each found."""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plans.common.dates import date_format


class LinkState(models.TextChoices):
    """What a check of a link found. UNKNOWN: nobody answered, or the answer does not say whether there is a page."""

    WORKS = "works"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


def link_key(link):
    """Return the SHA-256 of a link. An index of PostgreSQL does not hold the longest links themselves."""
    return hashlib.sha256(link.encode()).hexdigest()


def may_see_link_checks(person):
    """Return whether the results are shown to somebody: where links are checked, to whoever is signed in.

    Visitors' pages are cached under the plan's revision, which a check does not raise.
    """
    return settings.CHECK_LINKS and person.is_authenticated


class LinkCheckManager(models.Manager):
    def not_found(self):
        """Return the checks of links that were not found, and have not been seen to work since."""
        return self.exclude(not_found_since=None)

    def shown_to(self, person, links):
        """Return the checks of these links by link, with one query; none for people who may not see any."""
        keys = {link_key(link) for link in links if link}
        if not keys or not may_see_link_checks(person):
            return {}
        return {check.link: check for check in self.filter(key__in=keys)}

    def store(self, link, state, *, at):
        """Store what a check of a link found at the moment `at`, in place of the last result."""
        check = self.filter(key=link_key(link)).first() or self.model(key=link_key(link), link=link)
        check.update(state, at)
        check.save()

    def forget(self, link):
        """Delete the check of a link."""
        self.filter(key=link_key(link)).delete()

    def forget_all_but(self, links):
        """Delete the checks of all other links than these."""
        for pk, link in self.values_list("pk", "link"):
            if link not in links:
                self.filter(pk=pk).delete()


class LinkCheck(models.Model):
    """The last check of a link. It is not part of the history, and goes when no evidence in effect has the link.

    `not_found_since` is the day of the first check that did not find the page. A check that could not be made says
    nothing, and leaves that day as it is.
    """

    key = models.CharField(max_length=64, unique=True)  # see `link_key`
    link = models.CharField(_("web address"), max_length=1000)
    state = models.CharField(max_length=10, choices=LinkState)
    checked_at = models.DateTimeField()
    not_found_since = models.DateField(null=True)

    objects = LinkCheckManager()

    class Meta:
        verbose_name = _("link check")
        verbose_name_plural = _("link checks")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=LinkState.WORKS, not_found_since=None)
                | Q(state=LinkState.NOT_FOUND, not_found_since__isnull=False)
                | Q(state=LinkState.UNKNOWN),
                name="link_check_since_when_not_found",
            )
        ]

    def __str__(self):
        return f"{self.link}: {self.state}"

    def update(self, state, at):
        """Take over the result of a check."""
        self.state, self.checked_at = state, at
        if state == LinkState.WORKS:
            self.not_found_since = None
        elif state == LinkState.NOT_FOUND and self.not_found_since is None:
            self.not_found_since = timezone.localdate(at)

    @property
    def works(self):
        return self.state == LinkState.WORKS

    @property
    def sentence(self):
        """Return the result as text, with its day."""
        days = {"day": date_format(timezone.localdate(self.checked_at))}
        if self.state == LinkState.WORKS:
            return _("Works, checked %(day)s") % days
        if self.not_found_since is None:
            return _("Could not be checked on %(day)s") % days

        days["since"] = date_format(self.not_found_since)
        if self.state == LinkState.NOT_FOUND:
            return _("Not found since %(since)s") % days
        return _("Not found since %(since)s, could not be checked on %(day)s") % days
