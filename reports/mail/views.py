"""Following a plan, and choosing which e-mails one gets."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from plans.access import member_required, post_only
from plans.models import Plan, Translation
from reports.mail.models import SALT, Follow, Message


@login_required
@require_safe
def mail(request):
    """Which e-mails one gets, each with the button that ends or begins it."""
    plans = list(Plan.objects.visible_to(request.user))
    Translation.objects.load(plans, get_language())
    followed = set(request.user.follows.values_list("plan_id", flat=True))
    return render(request, "reports/mail/settings.html", {"plans": [(plan, plan.pk in followed) for plan in plans]})


@post_only
@login_required
def reminders(request):
    """Switch one's own reminders on or off."""
    request.user.reminders = request.POST.get("on") == "1"
    request.user.save(update_fields=["reminders"])
    return redirect("mail")


@post_only
@member_required
def follow(request, slug):
    """Begin or end to follow a plan."""
    plan = Plan.objects.get_for(request.user, slug)
    if request.POST.get("on") == "1":
        Follow.objects.begin(request.user, plan, timezone.now())
        messages.success(request, _("You follow this plan: once a week, its changes come to %s.") % request.user.email)
    else:
        Follow.objects.filter(person=request.user, plan=plan).delete()
        messages.success(request, _("You no longer follow this plan."))
    return redirect("mail")


@csrf_exempt  # a mail program posts here by itself; the token says who and what
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """End the messages that a token names. Opening the page changes nothing; its button, or a mail program, does."""
    try:
        what = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise Http404 from None
    person = get_object_or_404(get_user_model(), pk=what["person"])
    if request.method == "POST":
        stop(person, what)
    is_digest = what["kind"] == Message.Kind.DIGEST
    return render(
        request, "reports/mail/unsubscribe.html", {"is_digest": is_digest, "is_done": request.method == "POST"}
    )


def stop(person, what):
    if what["kind"] == Message.Kind.DIGEST:
        Follow.objects.filter(person=person, plan__key=what["plan"]).delete()
    else:
        person.reminders = False
        person.save(update_fields=["reminders"])
