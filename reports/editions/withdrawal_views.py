"""The page where an administrator withdraws an edition from reading."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from plans.access import get_plan, plan_permission_required
from plans.common.security_log import log_event
from plans.form_drafts import form_data
from reports.editions.withdrawal import NO_REASON, EditionWithdrawal


class WithdrawalForm(forms.Form):
    """Why an edition is withdrawn from reading, and whether its bytes are erased."""

    reason = forms.CharField(
        label=gettext_lazy("Why it is withdrawn"),
        help_text=gettext_lazy("Everybody can read this sentence on the page of the edition."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": None}),
        error_messages={"required": NO_REASON},
    )
    is_erased = forms.BooleanField(
        label=gettext_lazy("Erase its documents and its summary for good"),
        help_text=gettext_lazy("Otherwise they stay in the database, and nobody can download them."),
        required=False,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)


@plan_permission_required("reports.withdraw_edition")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_edition(request, slug, number):
    """Ask why an edition is withdrawn from reading, and withdraw it."""
    plan = get_plan(request, slug)
    edition = get_object_or_404(plan.editions.for_page(plan), number=number)
    form = WithdrawalForm(form_data(request))

    if request.method == "POST" and form.is_valid():
        try:
            EditionWithdrawal.objects.withdraw(edition, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            details = {"plan": plan.slug, "edition": number, "erased": form.cleaned_data["is_erased"]}
            log_event("edition withdrawn", request, **details)
            messages.success(request, _("Withdrawn from reading: %s.") % edition)
            return redirect(edition)

    context, status = {"plan": plan, "edition": edition, "form": form}, 422 if request.method == "POST" else 200
    return render(request, "reports/editions/withdraw.html", context, status=status)
