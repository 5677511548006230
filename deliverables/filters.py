import django_filters as filters
from django import forms
from django.db.models import Case, Count, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from deliverables.counts import Counts
from deliverables.freshness import Freshness, rows_that_are
from deliverables.models import NATURAL_ORDER, Deliverable
from deliverables.status import Status
from plans.codes import Code
from plans.models import ActionLine, Measure, Theme

STATUS_RANK = Case(*(When(standing=status, then=Value(rank)) for rank, status in enumerate(Status)))
ORDERS = {
    "code": NATURAL_ORDER,
    "-code": tuple(f"-{field}" for field in NATURAL_ORDER),
    "title": ("title", *NATURAL_ORDER),
    "-title": ("-title", *NATURAL_ORDER),
    "status": (STATUS_RANK, *NATURAL_ORDER),
    "-status": (STATUS_RANK.desc(), *NATURAL_ORDER),
    "effective_on": (F("standing_on").asc(nulls_last=True), *NATURAL_ORDER),
    "-effective_on": (F("standing_on").desc(nulls_last=True), *NATURAL_ORDER),
}


def choice(label, empty_label, unknown, **kwargs):
    """A filter on one of a few values; anything else typed into the address is told apart in a sentence."""
    return filters.ChoiceFilter(
        label=label, empty_label=empty_label, error_messages={"invalid_choice": unknown}, **kwargs
    )


class DeliverableFilter(filters.FilterSet):
    """The list's filters. The queryset is a plan's deliverables, `standing()` on some day."""

    q = filters.CharFilter(
        label=_("Search"),
        method="search",
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Words, or a code such as L2M3")}),
    )
    status = choice(
        _("Status"), _("Any"), _("There is no status “%(value)s”. Choose one of the list."),
        field_name="standing", choices=Status,
    )  # fmt: skip
    line = choice(_("Action line"), _("All"), _("This plan has no action line “%(value)s”."), method="part")
    measure = choice(_("Measure"), _("All"), _("This plan has no measure “%(value)s”."), method="part")
    theme = choice(_("Theme"), _("All"), _("This plan has no theme “%(value)s”."), field_name="measure__themes__slug")
    freshness = choice(
        _("Reported"), _("Any time"), _("“%(value)s” does not say when. Choose one of the list."),
        method="reported", choices=Freshness,
    )  # fmt: skip
    sort = choice(
        "", _("Code"), _("The list cannot be sorted by “%(value)s”."), method="order",
        choices=[(order, order) for order in ORDERS], widget=forms.HiddenInput,
    )  # fmt: skip
    as_of = filters.DateFilter(
        label=_("As of"),
        method="already_ruled",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    class Meta:
        model = Deliverable
        fields = []

    def __init__(self, data, *, plan, as_of=None):
        super().__init__(data, queryset=Deliverable.objects.of(plan.slug).standing(as_of))
        self.day = as_of or timezone.localdate()
        lines = ActionLine.objects.filter(plan=plan)
        measures = Measure.objects.filter(action_line__plan=plan).select_related("action_line")
        themes = Theme.objects.filter(measures__action_line__plan=plan).distinct()
        self.form.is_search = True  # no field of it is ever required: none needs to say so
        choices = self.form.fields
        choices["line"].choices = [(str(line.code), f"{line.code} {line.title}") for line in lines]
        choices["measure"].choices = [(str(measure.code), str(measure)[:90]) for measure in measures]
        choices["theme"].choices = [(theme.slug, theme.name) for theme in themes]

    def search(self, queryset, name, text):
        if code := Code.parse(text):
            return queryset.of(None, code)
        for word in text.split():
            queryset = queryset.filter(Q(title__icontains=word) | Q(measure__statement__icontains=word))
        return queryset

    def part(self, queryset, name, text):
        return queryset.of(None, Code.parse(text))

    def reported(self, queryset, name, freshness):
        return rows_that_are(freshness, queryset, self.day)

    def order(self, queryset, name, order):
        return queryset.order_by(*ORDERS[order])

    def already_ruled(self, queryset, name, day):
        """The as-of date ruled the queryset from the start; here it is only a field of the form."""
        return queryset

    @property
    def rows(self):
        """The deliverables that pass, none where a filter cannot be understood: an error is never a longer list."""
        return self.qs if self.is_valid() else self.queryset.none()

    @property
    def counts(self):
        found = self.rows.order_by().values_list("standing").annotate(Count("pk"))
        return Counts(**{Status(status).value: count for status, count in found})

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are on, by name: what narrows the rows, neither their order nor their date."""
        asked = self.form.cleaned_data if self.is_valid() else {}
        return {name: str(value) for name, value in asked.items() if value and name not in ("sort", "as_of")}
