from django.contrib import admin
from django.urls import include, path

from metropolis_tracker import views

urlpatterns = [
    path("", include("reports.urls")),
    path("", include("deliverables.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]

handler400 = views.bad_request
handler404 = views.page_not_found
