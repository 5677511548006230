import re

from django.core.exceptions import BadRequest
from django.shortcuts import render

from plans.models import Plan


def page_not_found(request, exception):
    """404 with a way on: the plan the address lies in, where the reader may see it, and its search."""
    slug = re.match(r"/plans/([-\w]+)/", request.path)
    plan = Plan.objects.visible_to(request.user).filter(slug=slug[1]).first() if slug else None
    return render(request, "404.html", {"plan": plan}, status=404)


def bad_request(request, exception):
    """400 with the sentence that says what to do, where the view gave one."""
    reason = str(exception) if isinstance(exception, BadRequest) else ""
    return render(request, "400.html", {"reason": reason}, status=400)
