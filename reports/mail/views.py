"""The page of a person's e-mails: reminders, followed plans, unsubscribing."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.plan_editing.people_forms import assignable_people
from plans.access import account_required, get_plan, post_only
from plans.common.security_log import log_event
from plans.common.text import sort_key
from plans.models import Plan, Translation
from reports.mail.models import SALT, Follow, Message


@account_required
@require_safe
def mail(request):
    """Show which e-mails a person gets, each with a button to end or begin it."""
    plans = list(Plan.objects.visible_to(request.user))
    Translation.objects.load(plans, get_language())
    followed = set(request.user.follows.values_list("plan_id", flat=True))

    context = {"plans": [(plan, plan.pk in followed) for plan in plans], "deputies": possible_deputies(request.user)}
    return render(request, "reports/mail/settings.html", context)


def possible_deputies(person):
    """Return who may be a person's deputy, sorted by name; nobody for those who report on nothing."""
    if not (person.region_id or person.deliverables.exists()):
        return []
    return sorted(assignable_people().exclude(pk=person.pk), key=lambda each: sort_key(each.name))


@post_only
@account_required
def deputy(request):
    """Choose who may report in one's own place, or nobody."""
    people = {"": None} | {str(each.pk): each for each in possible_deputies(request.user)}
    if request.POST.get("deputy") not in people:
        messages.error(request, _("This person can no longer be chosen. Nothing was changed."))
        return redirect("mail")
    chosen = people[request.POST["deputy"]]
    request.user.deputy = chosen
    with transaction.atomic():
        Plan.objects.raise_reporting_revisions()
        request.user.save(update_fields=["deputy"])
    log_event("deputy chosen", request, account=request.user.pk, deputy=chosen and chosen.pk)
    if chosen:
        messages.success(request, _("%s may now report in your place, and is asked too.") % chosen.name)
    else:
        messages.success(request, _("Nobody reports in your place."))
    return redirect("mail")


@post_only
@account_required
def reminders(request):
    """Switch a person's own reminders on or off."""
    request.user.reminders = request.POST.get("on") == "1"
    request.user.save(update_fields=["reminders"])
    return redirect("mail")


@post_only
@account_required
def follow(request, slug):
    """Follow a plan, or stop following it."""
    plan = get_plan(request, slug)

    if request.POST.get("on") == "1":
        Follow.objects.begin(request.user, plan, timezone.now())
        text = _("You follow this plan. Its changes are sent to %s once a week.")
        messages.success(request, text % request.user.email)
    else:
        Follow.objects.filter(person=request.user, plan=plan).delete()
        messages.success(request, _("You no longer follow this plan."))

    return redirect("mail")


@csrf_exempt  # mail programs post here without a cookie; the signed token names person and subscription
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """End the subscription that a token names.

    A GET changes nothing, since mail scanners open every link. The button on the page posts, and so do mail programs.
    """
    try:
        subscription = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise Http404 from None
    person = get_object_or_404(get_user_model(), pk=subscription["person"])

    if request.method == "POST":
        end_subscription(person, subscription)

    is_digest = subscription["kind"] == Message.Kind.DIGEST
    context = {"is_digest": is_digest, "is_done": request.method == "POST"}
    return render(request, "reports/mail/unsubscribe.html", context)


def end_subscription(person, subscription):
    if subscription["kind"] == Message.Kind.DIGEST:
        Follow.objects.filter(person=person, plan__key=subscription["plan"]).delete()
    else:
        person.reminders = False
        person.save(update_fields=["reminders"])
