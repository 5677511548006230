import re

from django.core.exceptions import BadRequest
from django.http import Http404
from django.shortcuts import redirect, render
from django.templatetags.static import static

from plans.models import Plan


def page_not_found(request, exception):
    """404 with a way on: the plan the address lies in, where the reader may see it, and its search."""
    return render(request, "404.html", {"plan": plan_of(request)}, status=404)


def bad_request(request, exception):
    """400 with the sentence that says what to do, where the view gave one."""
    if not isinstance(exception, BadRequest):
        return render(request, "400.html", status=400)
    return render(request, "400.html", {"plan": plan_of(request), "reason": str(exception)}, status=400)


def plan_of(request):
    """The plan that the address lies in, None where it lies in none that this reader may see."""
    slug = re.match(r"/plans/([-\w]+)/", request.path)
    return Plan.objects.visible_to(request.user).filter(slug=slug[1]).first() if slug else None


def not_offered(request):
    raise Http404


def favicon(request):
    return redirect(static("icon.svg"))
