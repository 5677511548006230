from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class TrackerAdminConfig(AdminConfig):
    """The Django admin, with the tracker's own site class."""

    default_site = "metropolis_tracker.admin.TrackerAdminSite"


class TrackerConfig(AppConfig):
    """The site as a whole. It is an app so that Django finds its commands."""

    name = "metropolis_tracker"
