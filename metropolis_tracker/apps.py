from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class TrackerAdminConfig(AdminConfig):
    """The admin, signed in to through the tracker's own sign-in page."""

    default_site = "metropolis_tracker.admin.TrackerAdminSite"


class TrackerConfig(AppConfig):
    """The site as a whole: an app so that Django finds its commands."""

    name = "metropolis_tracker"
