"""Form drafts: what people typed into a form and did not send, or sent in vain. Their form shows it again.

One mechanism serves every form. `metropolis_tracker/middleware/form_drafts.py` stores what is sent in vain, such as
after the session has ended, and `static/js/form_drafts.js` what is typed. Only people with an account have drafts, at
most `MAX_DRAFTS` of `MAX_CHARACTERS` each, for `MAX_AGE`: visitors cannot fill the database with them.
"""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.db import models, transaction
from django.http import QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plans.common.paths import without_language
from plans.common.text import normalise

MAX_CHARACTERS = 500_000  # of a draft; an edition has long texts in each language, and a hidden copy of each
MAX_DRAFTS = 20  # of a person; the oldest goes
MAX_AGE = timedelta(days=7)
ACCOUNT_PAGES = ("/accounts/", "/admin/login/")  # what is typed there is secret
REPORT_LINKS = "/report/"  # the address itself is a key
NOT_TYPED = {"csrfmiddlewaretoken", "next", "row", "seen", "submission", "step", "was", "on", "page", "language", "end"}
NOT_TYPED |= {"choices", "action", "index", "select_across", "_selected_action", "post"}  # of the lists of the admin
PART = "theme"  # the field that says which of several forms of one page this is


class FormDraftManager(models.Manager):
    def find(self, person, page, now):
        """Return a person's draft of the form on a page, None without one."""
        return self.filter(person=person, page=page_key(page), saved_at__gt=now - MAX_AGE).exclude(fields={}).first()

    def store(self, person, page, fields, now, *, begun_at=None):
        """Store the fields of a form, lists of texts by name, as a person's draft of it. Return it, None if not stored.

        Not stored are passwords, what is too long, and what somebody began to type (`begun_at`) before they saved or
        discarded this form: it arrives late.
        """
        fields = typed_fields(fields)
        if not fields or len(str(fields)) > MAX_CHARACTERS or page_key(page).startswith((*ACCOUNT_PAGES, REPORT_LINKS)):
            return None

        with transaction.atomic():
            settled = self.filter(person=person, page=page_key(page), fields={})
            if begun_at and settled.filter(saved_at__gte=begun_at).exists():
                return None
            values = {"fields": fields, "saved_at": now}
            draft, _is_new = self.update_or_create(person=person, page=page_key(page), defaults=values)
            self.filter(saved_at__lt=now - MAX_AGE).delete()
            drafts = self.filter(person=person).exclude(fields={}).order_by("-saved_at", "-pk")
            drafts.filter(pk__in=list(drafts.values_list("pk", flat=True)[MAX_DRAFTS:])).delete()
        return draft

    def discard(self, person, page, now):
        """Empty a person's draft of the form on a page: it was saved, or they want it no more."""
        self.filter(person=person, page=page_key(page)).exclude(fields={}).update(fields={}, saved_at=now)


class FormDraft(models.Model):
    """The fields of a form that a person has typed and not saved. An empty one says when it was saved or discarded."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="form_drafts")
    page = models.CharField(max_length=500)
    fields = models.JSONField()
    saved_at = models.DateTimeField()

    objects = FormDraftManager()

    class Meta:
        verbose_name = _("form draft")
        verbose_name_plural = _("form drafts")
        constraints = [models.UniqueConstraint(fields=["person", "page"], name="form_draft_unique_on_page")]

    def __str__(self):
        return f"{self.person}: {self.page}"

    @property
    def pairs(self):
        """Return the fields as pairs of a name and a text, one for each text."""
        return [(name, text) for name, texts in self.fields.items() for text in texts]

    @property
    def texts(self):
        return long_texts(self.pairs)


class DraftData(QueryDict):
    """The data of a form that shows a draft: as if it were sent, but not checked, since nobody has sent it."""

    is_draft = True


def form_data_by_part(request):
    """Return the data of each of several forms of a page (see `form_data`), by its `PART`."""
    if request.method == "POST":
        return {request.POST.get(PART, ""): form_data(request)}

    drafts = FormDraft.objects.filter(page__startswith=page_key(request.get_full_path()) + "#", person=request.user)
    found = list(drafts.exclude(fields={}).filter(saved_at__gt=timezone.now() - MAX_AGE).order_by("saved_at", "pk"))
    request.form_draft = found[-1] if found else None
    return {draft.page.partition("#")[2]: normalised(draft.fields.items(), DraftData) for draft in found}


def form_data(request, page=None):
    """Return the normalised data for a form: what was sent, or else a draft; None for a form in its first state.

    `page` is the path of the page that the form is on, where this request is for another one.
    """
    if request.method == "POST":
        return normalised(request.POST.lists(), QueryDict)
    if not request.user.is_authenticated:
        return None

    draft = draft_on(request, page or request.get_full_path())
    request.form_draft = draft  # for the notice on the page
    return draft and normalised(draft.fields.items(), DraftData)


def draft_on(request, page):
    """Return the draft of the person of a request on a page, None without one. Queried once per request, if at all."""
    if not getattr(request.user, "has_drafts", True):  # known where they are signed in
        return None
    drafts = request.__dict__.setdefault("drafts_by_page", {})
    if page_key(page) not in drafts:
        drafts[page_key(page)] = FormDraft.objects.find(request.user, page, timezone.now())
    return drafts[page_key(page)]


def normalised_post(request):
    """Return what a form sent, normalised; None for a form in its first state. For forms that have no drafts."""
    return normalised(request.POST.lists(), QueryDict) if request.method == "POST" else None


def normalised(fields, kind):
    """Return fields, pairs of a name and its texts, as query data with normalised texts."""
    data = kind(mutable=True)
    for name, texts in fields:
        data.setlist(name, [normalise(text) for text in texts])
    return data


def long_texts(fields):
    """Return what a person would miss most of the fields, pairs of a name and a text: several words, or long ones."""
    return [text for name, text in fields if name != "csrfmiddlewaretoken" and (" " in text or len(text) > 40)]


def typed_fields(fields):
    """Return the fields of a form without its token and passwords; none if nothing in it was typed or chosen."""
    fields = {name: texts for name, texts in fields if "password" not in name and name != "csrfmiddlewaretoken"}
    return fields if fields.keys() - NOT_TYPED else {}


def form_page_path(request):
    """Return the path of the page that shows the form that this request sends."""
    if request.method == "POST" and getattr(view_of(request), "is_post_only", False):
        return urljoin(request.path, "..")
    part = request.POST.get(PART)
    return f"{request.get_full_path()}#{part}" if part else request.get_full_path()


def view_of(request):
    """Return the view of a request, also of one that was refused before it was resolved; None if there is none."""
    with suppress(Resolver404):
        return resolve(request.path_info).func
    return None


def page_key(page):
    """Return the key of a page's draft: its path, query and part, the same in every language."""
    parts = urlsplit(page)
    return parts._replace(scheme="", netloc="", path=without_language(parts.path)).geturl()[:500]
