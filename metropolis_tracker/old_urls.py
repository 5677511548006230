"""Addresses of earlier releases that readers may have kept, each redirected for good to where its page is now."""

from django.http import HttpResponsePermanentRedirect
from django.urls import path, reverse
from django.views.decorators.http import require_safe


def redirect_to(name):
    """Return a view that leads to the URL of this name with the same arguments and query."""

    @require_safe
    def view(request, **kwargs):
        query = request.GET.urlencode()
        address = reverse(name, kwargs=kwargs)
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)

    return view


urlpatterns = [
    path("plans/<slug:slug>/work/", redirect_to("todo")),
    path("plans/<slug:slug>/deliverables/many/", redirect_to("bulk_update")),
    path("plans/<slug:slug>/edit/words/<str:language>/", redirect_to("edit_translations")),
]
