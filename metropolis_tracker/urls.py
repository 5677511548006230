from django.contrib import admin
from django.urls import include, path

from metropolis_tracker import views

urlpatterns = [
    path("", include("deliverables.urls")),  # first: its plans/new/ is no plan called new
    path("", include("reports.urls")),
    # Who somebody is, and that nobody signs up, is for administrators: allauth's pages for these are not offered.
    path("accounts/email/", views.not_offered),
    path("accounts/signup/", views.not_offered),
    path("accounts/", include("allauth.account.urls")),
    path("help/", views.guide, name="help"),
    path("help/<slug:name>/", views.guide, name="guide"),
    path("favicon.ico", views.favicon),
    path("admin/", admin.site.urls),
]

handler400 = views.bad_request
handler404 = views.page_not_found
