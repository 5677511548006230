from django.contrib import admin
from django.urls import include, path

from metropolis_tracker import views

urlpatterns = [
    path("", include("reports.urls")),
    path("", include("deliverables.urls")),
    # Who somebody is, and that nobody signs up, is for administrators: allauth's pages for these are not offered.
    path("accounts/email/", views.not_offered),
    path("accounts/signup/", views.not_offered),
    path("accounts/", include("allauth.account.urls")),
    path("favicon.ico", views.favicon),
    path("admin/", admin.site.urls),
]

handler400 = views.bad_request
handler404 = views.page_not_found
