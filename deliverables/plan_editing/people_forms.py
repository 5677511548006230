"""The form of who is responsible for a deliverable and when it is due."""

from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deliverables.models import Deliverable
from deliverables.plan_editing import structure
from deliverables.plan_editing.concurrent_edit import ConcurrentEditMixin
from plans.common.dates import NOT_A_DATE
from plans.common.form_fields import DateInput
from plans.common.text import sort_key


def assignable_people(current=()):
    """Return who can be made responsible: everyone with an active account, and the people with the ids `current`."""
    return get_user_model().objects.filter(Q(is_active=True) | Q(pk__in=list(current))).order_by("name", "pk")


def people_choices(people):
    """Return the choices of a person, by name as the language of the page sorts them."""
    people = sorted(people, key=lambda person: sort_key(person.name))
    return [("", _("Nobody yet")), *((str(person.pk), person.name) for person in people)]


class PeopleForm(ConcurrentEditMixin, forms.ModelForm):
    """The form of who is responsible for a deliverable and when it is due, one row of a table."""

    class Meta:
        model = Deliverable
        fields = ["responsible", "due_on"]

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["responsible"].choices = choices  # shared by all rows of the table: one query
        self.fields["due_on"].widget = DateInput()
        self.fields["due_on"].error_messages["invalid"] = NOT_A_DATE
        self.remember_shown("responsible", "due_on")

    def clean(self):
        super().clean()
        self.refuse_overwrites()

    def save(self, *, by, decision=None):
        return structure.save_part(self.instance, by=by, fields=self.changed_columns(), decision=decision)
