from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.utils.decorators import method_decorator


@method_decorator(secure_admin_login, name="login")
class TrackerAdminSite(AdminSite):
    site_title = site_header = "Metropolis Tracker"
    index_title = "Plan structure and people"
