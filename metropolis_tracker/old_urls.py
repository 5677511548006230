"""Redirect URLs of earlier releases, which readers may have bookmarked, permanently to where the pages are now."""

from django.http import HttpResponsePermanentRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_safe


def redirect_to(name):
    """Return a view that redirects to the URL of this name, with the same arguments and query."""

    @require_safe
    def view(request, **kwargs):
        query = request.GET.urlencode()
        url = reverse(name, kwargs=kwargs)
        return HttpResponsePermanentRedirect(f"{url}?{query}" if query else url)

    return view


urlpatterns = [
    path("plans/<slug:slug>/work/", redirect_to("todo")),
    path("plans/<slug:slug>/deliverables/many/", redirect_to("bulk_update")),
    path("plans/<slug:slug>/edit/words/<str:language>/", redirect_to("edit_translations")),
]
