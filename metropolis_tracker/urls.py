from importlib import import_module

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path, register_converter

from deliverables.recording.file_views import Sha256, evidence_file
from metropolis_tracker import error_pages, health, views
from metropolis_tracker.middleware import form_drafts
from metropolis_tracker.middleware.language import choose_language

register_converter(Sha256, "sha256")

# Imported only where the sign-in of the organisation is on.
organisation = import_module("metropolis_tracker.accounts.organisation.urls") if settings.OIDC else None

urlpatterns = i18n_patterns(
    path("", include("deliverables.urls")),  # first, because plans/new/ would also match a plan named “new”
    path("", include("reports.urls")),
    path("", include("metropolis_tracker.old_urls")),
    # Only administrators add people and change their e-mail, so these pages of allauth are not offered.
    path("accounts/email/", views.not_offered),
    path("accounts/signup/", views.not_offered),
    path("accounts/confirm-email/", views.not_offered),
    path("accounts/inactive/", views.not_offered),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    # Who signs in by the provider gets no password by the way: it would be a weaker one.
    *([*organisation.pages, path("accounts/password/set/", views.not_offered)] if organisation else []),
    path("accounts/", include("allauth.account.urls")),
    path("help/", views.guide, name="help"),
    path("help/<slug:name>/", views.guide, name="guide"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("language/", choose_language, name="choose_language"),
    path("admin/", admin.site.urls),
    prefix_default_language=False,
)
urlpatterns += [
    *([organisation.callback] if organisation else []),
    path("drafts/", form_drafts.save_draft, name="save_draft"),
    path("drafts/discard/", form_drafts.discard_draft, name="discard_draft"),
    # The same in every language, since documents and spreadsheets hold the address.
    path("files/<sha256:sha256>/", evidence_file, name="evidence_file"),
    path("favicon.ico", views.favicon),
    path("robots.txt", views.robots, name="robots"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler429 = views.too_many_requests  # used by allauth, not by Django
handler500 = error_pages.server_error
