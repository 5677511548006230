from django.contrib.admin.apps import AdminConfig


class TrackerAdminConfig(AdminConfig):
    """The admin, signed in to through the tracker's own sign-in page."""

    default_site = "metropolis_tracker.admin.TrackerAdminSite"
