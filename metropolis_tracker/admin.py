from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from metropolis_tracker.backups.models import Backup


@method_decorator(secure_admin_login, name="login")
class TrackerAdminSite(AdminSite):
    """The admin, behind the tracker's own sign-in page with its limits and second factor."""

    site_title = site_header = "Metropolis Tracker"
    index_title = _("Plan structure and people")

    def index(self, request, extra_context=None):
        """Show the last backup that passed its trial restore, above the usual index."""
        backup = Backup.objects.filter(rehearsed=True).first()
        return super().index(request, {"backup": backup} | (extra_context or {}))
