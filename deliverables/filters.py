import django_filters as filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Case, Count, F, Q, Value, When
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from deliverables.attention import Attention, Due, Freshness, due_when, needing, reported_when
from deliverables.counts import Counts
from deliverables.models import NATURAL_ORDER, Amendment, Deliverable, StatusUpdate
from deliverables.status import Status
from plans.codes import Code
from plans.common.form_fields import DateInput, TranslatedSelect
from plans.common.text import TranslatedText
from plans.models import ActionLine, Measure, Theme

STATUS_RANK = Case(*(When(current_status=status, then=Value(rank)) for rank, status in enumerate(Status)))
ORDERS = {
    "code": NATURAL_ORDER,
    "-code": tuple(f"-{field}" for field in NATURAL_ORDER),
    "title": ("title", *NATURAL_ORDER),
    "-title": ("-title", *NATURAL_ORDER),
    "status": (STATUS_RANK, *NATURAL_ORDER),
    "-status": (STATUS_RANK.desc(), *NATURAL_ORDER),
    "effective_on": (F("current_status_on").asc(nulls_last=True), *NATURAL_ORDER),
    "-effective_on": (F("current_status_on").desc(nulls_last=True), *NATURAL_ORDER),
}


def choice(label, empty_label, unknown, **kwargs):
    """A filter on one of a few values; anything else typed into the address is told apart in a sentence."""
    said = {"label": label, "empty_label": empty_label, "error_messages": {"invalid_choice": unknown}}
    return filters.ChoiceFilter(**said | {"widget": TranslatedSelect} | kwargs)


class PlanFilter(filters.FilterSet):
    """What narrows a list of things that belong to a plan's deliverables; `path` leads from such a thing to its one."""

    path = "pk"
    more = ()

    q = filters.CharFilter(
        label=_("Search"),
        method="search",
        max_length=200,
        error_messages={"max_length": _("Write at most 200 characters.")},
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Words, or a code such as L2M3")}),
    )
    line = choice(
        _("Action line"),
        pgettext_lazy("action lines", "All"),
        _("This plan has no action line “%(value)s”."),
        method="filter_part",
    )
    measure = choice(
        _("Measure"),
        pgettext_lazy("measures", "All"),
        _("This plan has no measure “%(value)s”."),
        method="filter_part",
    )
    theme = choice(
        _("Theme"),
        pgettext_lazy("themes", "All"),
        _("This plan has no theme “%(value)s”."),
        method="filter_theme",
    )
    as_of = filters.DateFilter(label=_("As of"), method="no_op", widget=DateInput)

    def __init__(self, data, queryset, *, plan, as_of=None):
        super().__init__(data, queryset=queryset)
        self.plan, self.wording = plan, Amendment.objects.wording_on(plan, as_of)
        lines = ActionLine.objects.filter(plan=plan)
        self.measures = Measure.objects.of_plan(plan)
        themes = Theme.objects.filter(measures__action_line__plan=plan).distinct()
        self.form.is_search = True  # no field of it is ever required: none needs to say so
        self.form.order_fields(self.field_order)
        choices = self.form.fields
        choices["line"].choices = [(str(part.code), self.label_of(part, part.title)) for part in lines]
        choices["measure"].choices = [(str(part.code), self.label_of(part, part.statement)) for part in self.measures]
        choices["theme"].choices = [(theme.slug, plan.translated_texts().get(theme.name)) for theme in themes]

    def get_form_class(self):
        """The same for every list: django-filter would make one for each."""
        cls = type(self)
        if "form_class" not in vars(cls):
            cls.form_class = super().get_form_class()
        return cls.form_class

    def label_of(self, part, words):
        said = self.plan.translated_texts().get(self.wording.get(part.code, words))
        return TranslatedText(Truncator(f"{part.code} {said}").chars(90), said.language)

    def belonging_to(self, queryset, deliverables):
        return queryset.filter(**{f"{self.path}__in": deliverables.values("pk")})

    def search(self, queryset, name, text):
        if code := Code.parse(text):
            return self.belonging_to(queryset, Deliverable.objects.within(code))
        found = Deliverable.objects.all()
        for word in text.split():
            found = found.filter(
                Q(title__icontains=word) | Q(measure__statement__icontains=word) | self.in_translation(word)
            )
        if self.wording:
            found = self.in_wording_of_day(found, text.lower().split())
        return self.belonging_to(queryset, found)

    def in_translation(self, word):
        """What is found by a word of its translation."""
        entered = self.plan.translated_texts().by_source.items()
        there = [source for source, text in entered if word.lower() in text.lower()]  # SQLite knows no É from é
        return Q(title__in=there) | Q(measure__statement__in=there)

    def in_wording_of_day(self, found, words):
        """What was worded otherwise on the day is found by the words of that day, not by today's."""
        reworded = [
            each
            for each in Deliverable.objects.of_plan(self.plan.slug).with_update()
            if each.code in self.wording or each.code.in_measure in self.wording
        ]
        fitting = [each.pk for each in reworded if all(word in self.wording_of_day(each) for word in words)]
        rest = found.exclude(pk__in=[each.pk for each in reworded])
        return Deliverable.objects.filter(Q(pk__in=rest.values("pk")) | Q(pk__in=fitting))

    def wording_of_day(self, each):
        title = self.wording.get(each.code, each.title)
        statement, texts = self.wording.get(each.code.in_measure, each.measure.statement), self.plan.translated_texts()
        return f"{title} {statement} {texts.get(title)} {texts.get(statement)}".lower()

    def filter_part(self, queryset, name, text):
        return self.belonging_to(queryset, Deliverable.objects.within(Code.parse(text)))

    def filter_theme(self, queryset, name, slug):
        return self.belonging_to(queryset, Deliverable.objects.filter(measure__themes__slug=slug))

    def no_op(self, queryset, name, day):
        """The as-of date ruled the queryset from the start; here it is only a field of the form."""
        return queryset

    @property
    def main_fields(self):
        return [field for field in self.form if field.name not in self.more]

    @property
    def more_fields(self):
        """Those that most people never use: folded away until they are."""
        return [field for field in self.form if field.name in self.more]

    @property
    def more_in_use(self):
        return any(field.value() or field.errors for field in self.more_fields)

    @property
    def rows(self):
        """Those that pass, none where a filter cannot be understood: an error is never a longer list."""
        return self.qs if self.is_valid() else self.queryset.none()

    @property
    def active(self) -> dict[str, str]:
        """The filters that are on, by name: what narrows the rows, neither their order nor their date."""
        asked = self.form.cleaned_data if self.is_valid() else {}
        return {name: str(value) for name, value in asked.items() if value and name not in ("sort", "as_of")}

    @property
    def description(self):
        """The filters that are on, as the form calls them: `Status: Attained, Theme: Youth`."""
        fields = self.form.fields
        values = {
            name: dict(getattr(fields[name], "choices", ())).get(value, value) for name, value in self.active.items()
        }
        return ", ".join(f"{fields[name].label}: {value}" for name, value in values.items())


class DeliverableFilter(PlanFilter):
    """The list's filters, on a plan's deliverables as they stand on some day."""

    status = choice(
        _("Status"), _("Any"), _("There is no status “%(value)s”. Choose one of the list."),
        field_name="current_status", choices=Status,
    )  # fmt: skip
    freshness = choice(
        _("Reported"), _("Any time"), _("“%(value)s” does not say when. Choose one of the list."),
        method="filter_freshness", choices=Freshness,
    )  # fmt: skip
    attention = choice(
        _("Needs attention"), _("Any"), _("“%(value)s” does not say what is needed. Choose one of the list."),
        method="filter_attention", choices=Attention,
    )  # fmt: skip
    responsible = choice(
        _("Responsible"), _("Anyone or nobody"), _("Nobody called “%(value)s” is responsible here."),
        method="filter_responsible",
    )  # fmt: skip
    due = choice(
        _("Due"), _("Any time"), _("“%(value)s” does not say when. Choose one of the list."),
        method="filter_due", choices=Due,
    )  # fmt: skip
    withdrawn = choice(
        "", "", _("“%(value)s” says nothing about what is withdrawn."),
        method="no_op", choices=[("1", _("Withdrawn, counted apart"))], widget=forms.HiddenInput,
    )  # fmt: skip
    sort = choice(
        "", _("Code"), _("The list cannot be sorted by “%(value)s”."), method="sort_rows",
        choices=[(order, order) for order in ORDERS], widget=forms.HiddenInput,
    )  # fmt: skip

    more = ("measure", "responsible", "due", "freshness", "attention")
    field_order = ["q", "status", "line", "theme", "as_of", *more, "withdrawn", "sort"]

    class Meta:
        model = Deliverable
        fields = []

    def __init__(self, data, *, plan, reader, as_of=None):
        """`reader` is the person who looks: only members are told who is responsible."""
        found = Deliverable.objects.of_plan(plan.slug)
        apart = data.get("withdrawn") == "1"
        found = found.withdrawn(as_of) if apart else found.not_withdrawn(as_of)
        super().__init__(data, found.with_current_status(as_of), plan=plan, as_of=as_of)
        self.day = as_of or timezone.localdate()
        self.reader = reader
        if not reader.is_authenticated:
            del self.form.fields["responsible"]
            return
        people = get_user_model().objects.filter(deliverables__measure__action_line__plan=plan).distinct()
        names = [(str(person.pk), person.name) for person in people.order_by("name")]
        self.form.fields["responsible"].choices = [("me", _("Me")), ("nobody", _("Nobody yet")), *names]

    def filter_responsible(self, queryset, name, who):
        if who == "nobody":
            return queryset.filter(responsible=None)
        return queryset.filter(responsible=self.reader.pk if who == "me" else who)

    def filter_due(self, queryset, name, due):
        return due_when(due, queryset, self.day)

    def filter_freshness(self, queryset, name, freshness):
        return reported_when(freshness, queryset, self.day)

    def filter_attention(self, queryset, name, attention):
        return needing(attention, queryset, self.day)

    def sort_rows(self, queryset, name, order):
        return queryset.order_by(*ORDERS[order])

    @property
    def sorted_by(self):
        """The order asked for, by code where none was or where it cannot be."""
        return (self.is_valid() and self.form.cleaned_data["sort"]) or "code"

    @property
    def counts(self):
        found = self.rows.order_by().values_list("current_status").annotate(Count("pk"))
        return Counts(**{Status(status).value: count for status, count in found})


class UpdateFilter(PlanFilter):
    """The feed's filters, on everything recorded in a plan; the status is the one recorded."""

    path = "deliverable"

    status = choice(
        _("Status"), _("Any"), _("“%(value)s” cannot be recorded. Choose one of the list."),
        choices=[(status.value, status.label) for status in Status.recordable()],
    )  # fmt: skip

    field_order = ["q", "status", "line", "measure", "theme", "as_of"]

    class Meta:
        model = StatusUpdate
        fields = []

    def __init__(self, data, *, plan, as_of=None):
        super().__init__(data, StatusUpdate.objects.for_feed(plan, as_of), plan=plan, as_of=as_of)
