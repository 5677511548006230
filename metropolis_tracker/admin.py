from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _


@method_decorator(secure_admin_login, name="login")
class TrackerAdminSite(AdminSite):
    site_title = site_header = "Metropolis Tracker"
    index_title = _("Plan structure and people")
