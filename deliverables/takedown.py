"""The page where an administrator takes down texts of an update, such as a person's name or what a court forbids."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from deliverables.models import Deliverable, Takedown
from plans.access import get_plan, plan_permission_required
from plans.common.security_log import log_event
from plans.form_drafts import form_data


class TakedownForm(forms.Form):
    """Which texts of an update are taken down, and why."""

    parts = forms.MultipleChoiceField(
        label=gettext_lazy("What to take down"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("Choose what to take down."),
            "invalid_choice": gettext_lazy("This was already taken down. Choose from the list."),
        },
    )
    reason = forms.CharField(
        label=gettext_lazy("Why it is taken down"),
        help_text=gettext_lazy(
            "Everybody can read this sentence in its place, such as “It named a person who asked for it.” Do not repeat"
            " what you take down."
        ),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": None}),
        error_messages={"required": gettext_lazy("Say in a sentence why it is taken down. Everybody can read it.")},
    )

    def __init__(self, *args, update, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["parts"].choices = [
            (key, f"{text.field.label}: {text.shown}") for key, text in update.removable_texts.items()
        ]


def entries_repeating(update):
    """Return the other updates of the deliverable that hold one of the same texts: confirmations repeat them."""
    texts = {text.text for text in update.removable_texts.values()}
    others = update.deliverable.updates.exclude(pk=update.pk).with_evidence().order_by("sequence")
    return [other for other in others if texts & {text.text for text in other.removable_texts.values()}]


@plan_permission_required("deliverables.take_down_text")
@require_http_methods(["GET", "HEAD", "POST"])
def take_down(request, slug, code, sequence):
    """Ask which texts of an update to take down and why, and list the editions that hold them."""
    plan = get_plan(request, slug)
    deliverable = get_object_or_404(Deliverable.objects.of_plan(slug, code).with_update())
    updates = deliverable.updates.with_evidence().with_takedowns().select_related("correction", "corrects")
    update = get_object_or_404(updates.with_status_before().with_is_late(), sequence=sequence)
    form = TakedownForm(form_data(request), update=update)
    if request.method == "POST" and form.is_valid():
        try:
            Takedown.objects.take_down(update, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            log_event("text taken down", request, plan=plan.slug, entry=sequence, texts=form.cleaned_data["parts"])
            messages.success(request, _("Taken down. Its hash stays, so the history can still be checked."))
            return redirect(request.path)

    context = {
        "plan": plan,
        "deliverable": deliverable,
        "update": update,
        "form": form,
        "editions": plan.editions.holding(update),
        "repeating": entries_repeating(update),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "deliverables/take_down.html", context, status=status)
