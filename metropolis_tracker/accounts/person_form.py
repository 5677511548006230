"""The form for a person in the admin: their role, and who takes over their deliverables when they leave."""

from django import forms
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from deliverables.plan_editing.hand_over import NOT_ACTIVE, lock_for_hand_over, to_hand_over
from deliverables.plan_editing.people_forms import assignable_people, people_choices
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from plans.common.form_fields import set_data

NOBODY = "nobody"


class RoleField(forms.ModelChoiceField):
    """A choice of role, shown under its translated label."""

    def label_from_instance(self, obj):
        return Role(obj.name).label


class ShownNumber(forms.IntegerField):
    """The number that a page showed, sent along as an optimistic lock. It is never a change of its own."""

    widget = forms.HiddenInput

    def has_changed(self, initial, data):
        return False


class PersonForm(forms.ModelForm):
    """The form for a person and their role. It has no password: people choose their own through a one-time link.

    Nobody who is responsible for deliverables is deactivated without a choice of who takes them over. `shown` is an
    optimistic lock: the number of deliverables that the page showed.
    """

    role = RoleField(
        Group.objects.filter(name__in=Role.values), label=_("Role"), help_text=_("What they may read and do.")
    )
    hand_over_to = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": NOT_ACTIVE},
        help_text=_("All of them, in plans that are not over. What is withdrawn keeps the name."),
    )
    shown = ShownNumber(required=False)

    field_order = ["name", "email", "role", "region", "deputy"]  # the role is checked before the region

    class Meta:
        model = User
        fields = ["name", "email", "region", "deputy", "language", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["deputy"].queryset = assignable_people([self.instance.deputy_id]).exclude(pk=self.instance.pk)
        if not self.instance._state.adding:
            self.initial["role"] = self.instance.groups.first()
            self.offer_hand_over(self.number_to_hand_over())

    def number_to_hand_over(self):
        return to_hand_over(self.instance, timezone.localdate()).count()

    def offer_hand_over(self, number):
        """Offer the choice of who takes over this number of deliverables. The admin shows it if there are any."""
        field, self.initial["shown"] = self.fields["hand_over_to"], number
        label = ngettext("Hand over their deliverable to", "Hand over their %(number)d deliverables to", number)
        field.label = label % {"number": number}
        nobody, *people = people_choices(assignable_people().exclude(pk=self.instance.pk))
        field.choices = [("", "–"), (NOBODY, nobody[1]), *people]

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean_hand_over_to(self):
        """Return the `User` who takes over, None for nobody, or "" where nothing is handed over."""
        chosen = self.cleaned_data["hand_over_to"]
        if chosen in ("", NOBODY):
            return None if chosen else ""
        return User.objects.get(pk=chosen)

    def clean_region(self):
        """Return the region. Only regional secretaries report for one, so that nobody else has one."""
        region, role = self.cleaned_data["region"], self.cleaned_data.get("role")
        if region and role and role.name != Role.REGIONAL_SECRETARIES:
            raise forms.ValidationError(_("Only regional secretaries have a region. Remove it, or change the role."))
        return region

    def clean(self):
        """Check what other rows decide: the last administrator, and who is responsible for what."""
        super().clean()
        self.require_administrator()
        if not self.instance._state.adding and not self.errors:
            self.check_hand_over()

    def require_administrator(self):
        """Refuse to leave the tracker without an active administrator: only administrators can add people."""
        is_administrator = str(self.cleaned_data.get("role")) == Role.ADMINISTRATORS
        may_administer = self.cleaned_data.get("is_active") and is_administrator
        if not may_administer and list(User.objects.administrators()) == [self.instance]:
            raise forms.ValidationError(_("This is the last administrator. Give somebody else the role first."))

    def check_hand_over(self):
        """Refuse to leave deliverables to somebody who leaves, or to hand over others than the page showed.

        The admin has begun a transaction: what is locked here stays so until the person is saved.
        """
        to = self.cleaned_data["hand_over_to"]
        is_leaving = self.instance.is_active and not self.cleaned_data["is_active"]
        if to == "" and not is_leaving:
            return
        lock_for_hand_over(self.instance, to or None, timezone.localdate())
        number = self.number_to_hand_over()

        if number != (self.cleaned_data["shown"] or 0):
            self.offer_hand_over(number)
            set_data(self, {"shown": number})
            text = ngettext(
                "Meanwhile this person is responsible for one deliverable. Check the form, then save again.",
                "Meanwhile this person is responsible for %(number)d deliverables. Check the form, then save again.",
                number,
            )
            raise forms.ValidationError(text % {"number": number})
        if to == "" and number:
            self.add_error("hand_over_to", _("Choose who takes over their deliverables, or “Nobody yet”."))
        elif to and not User.objects.filter(pk=to.pk, is_active=True).exists():
            self.add_error("hand_over_to", NOT_ACTIVE)
