"""The pages of meetings: their list, a form to add or edit one, and a page that removes one."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deliverables.models import Amendment
from deliverables.plan_editing.meetings import MeetingForm
from deliverables.plan_editing.views import EditPage, form_page, get_or_post, try_save
from plans.access import editor_required
from plans.form_drafts import form_data
from plans.models import Meeting, Organisation
from plans.translations import ENGLISH_TEXTS


@editor_required
@require_safe
def meetings(request):
    """Show all meetings, newest first. One that an amendment names cannot be removed."""
    is_named = Exists(Amendment.objects.filter(meeting=OuterRef("pk")))
    context = {
        "meetings": Meeting.objects.select_related("organisation").annotate(is_named=is_named),
        "has_several_organisations": Organisation.objects.count() > 1,
        "texts": ENGLISH_TEXTS,
    }
    return render(request, "deliverables/plan_editing/meetings.html", context)


@editor_required
@get_or_post
def add_meeting(request):
    """Add a meeting."""
    form = MeetingForm(form_data(request), instance=Meeting())
    if request.method == "POST" and (meeting := try_save(form)):
        messages.success(request, _("Added: %s.") % meeting.name)
        return redirect("meetings")

    return meeting_page(request, form, _("Add a meeting"), _("Add"))


@editor_required
@get_or_post
def edit_meeting(request, key):
    """Edit a meeting."""
    form = MeetingForm(form_data(request), instance=get_object_or_404(Meeting, key=key))
    if request.method == "POST" and (meeting := try_save(form)):
        messages.success(request, _("Saved: %s.") % meeting.name)
        return redirect("meetings")

    return meeting_page(request, form, _("Edit the meeting"), _("Save"))


def meeting_page(request, form, title, verb):
    """Return the page with the form of a meeting."""
    page = EditPage(title, reverse("meetings"), verb=verb, back_label=_("Meetings"))
    return form_page(request, None, form, page)


@editor_required
@get_or_post
def remove_meeting(request, key):
    """Remove a meeting, after a page that asks for confirmation."""
    meeting = get_object_or_404(Meeting, key=key)
    if request.method != "POST":
        context = {"meeting": meeting, "texts": ENGLISH_TEXTS}
        return render(request, "deliverables/plan_editing/remove_meeting.html", context)

    try:
        meeting.remove()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Removed: %s.") % meeting.name)
    return redirect("meetings")
