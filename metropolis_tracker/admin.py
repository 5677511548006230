import re
from functools import wraps

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite, ModelAdmin
from django.core.exceptions import BadRequest
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from metropolis_tracker.backups.models import Backup


class LimitedAdmin:
    """A part of each admin of a model."""

    def lookup_allowed(self, lookup, value, request):
        """Return whether the query of a list may filter by this: only by what the list offers.

        Django takes almost any field, so that the hash of a password could be guessed letter by letter.
        """
        named = map(parameter_of, self.get_list_filter(request))
        return any(re.fullmatch(rf"{name}(__(id|pk|number))?(__(exact|isnull))?", lookup) for name in named)

    def get_view_on_site_url(self, obj=None):
        """Return the address of the object's page. Django's way to it needs an app that the tracker does not have."""
        return obj.get_absolute_url() if hasattr(obj, "get_absolute_url") else None


def parameter_of(list_filter):
    """Return the name by which the query of a list names this filter: a field, perhaps with a class, or a class."""
    if isinstance(list_filter, str):
        return list_filter
    return getattr(list_filter, "parameter_name", None) or list_filter[0]


@method_decorator(secure_admin_login, name="login")
class TrackerAdminSite(AdminSite):
    """The admin, behind the tracker's own sign-in page with its limits and second factor."""

    site_title = site_header = "Metropolis Tracker"
    index_title = _("Plan structure and people")
    enable_nav_sidebar = False  # the breadcrumb leads to the same list, and a page has room for its own

    def register(self, model_or_iterable, admin_class=None, **options):
        """Register a model with a limited admin. Links to an organisation's sign-in are no model of the admin.

        Who adds one by hand gives a stranger an account. An action in the list of people removes them.
        """
        if getattr(model_or_iterable, "_meta", None) and model_or_iterable._meta.app_label == "socialaccount":
            return
        admin_class = admin_class or ModelAdmin
        super().register(model_or_iterable, type(admin_class.__name__, (LimitedAdmin, admin_class), {}), **options)

    def get_urls(self):
        """Return the URLs of the admin without Django's way to the page of an object."""
        return [url for url in super().get_urls() if getattr(url, "name", "") != "view_on_site"]

    def admin_view(self, view, cacheable=False):
        """Return the view as the admin protects it. Answer 400 to a NUL, which PostgreSQL cannot look for."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answer(request, *args, **kwargs):
            texts = [*request.GET.keys(), *(text for _name, texts in request.GET.lists() for text in texts)]
            if any("\0" in text for text in [*texts, *kwargs.values()] if isinstance(text, str)):
                raise BadRequest(_("Something in it is damaged or too large. Go back, change it and send it again."))
            return guarded(request, *args, **kwargs)

        return answer

    def index(self, request, extra_context=None):
        """Show the last backup that passed its trial restore, or for how long none has, above the usual index."""
        backups = {
            "backup": Backup.objects.last_passed(),
            "days_without_backup": Backup.objects.overdue_days(timezone.now()),
        }
        return super().index(request, backups | (extra_context or {}))
