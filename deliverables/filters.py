"""The filters of lists: which deliverables a page or file shows, and which updates a feed."""

from dataclasses import dataclass

import django_filters as filters
from django import forms
from django.contrib.auth import get_user_model
from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Cast, Concat, StrIndex
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from deliverables.attention import Attention, Due, Freshness, due_when, needing_attention, reported_when, visible_to
from deliverables.counts import Counts
from deliverables.models import NATURAL_ORDER, Amendment, Deliverable, StatusUpdate, standings_of
from deliverables.search import matching_deliverables, matching_updates, words_of
from deliverables.status import Status
from plans.codes import Code
from plans.common.form_fields import DateInput, TranslatedSelect
from plans.common.text import TranslatedText, sort_key
from plans.memory import by_structure
from plans.models import Measure, Theme

STATUS_RANK = Case(*(When(current_status=status, then=Value(rank)) for rank, status in enumerate(Status)))
ORDERS = {
    "code": NATURAL_ORDER,
    "-code": tuple(f"-{field}" for field in NATURAL_ORDER),
    "title": None,  # in the language of the page: see `by_title`
    "-title": None,
    "status": (STATUS_RANK, *NATURAL_ORDER),
    "-status": (STATUS_RANK.desc(), *NATURAL_ORDER),
    "since": (F("current_since").asc(nulls_last=True), *NATURAL_ORDER),
    "-since": (F("current_since").desc(nulls_last=True), *NATURAL_ORDER),
}
ORDERS |= {"effective_on": ORDERS["since"], "-effective_on": ORDERS["-since"]}  # in bookmarks from before 1.1


WHOLE_NETWORK = "none"  # the filter for deliverables without regions


def choice_filter(label, empty_label, invalid, **kwargs):
    """Return a filter on a list of values. `invalid` is the error for any other value in the address."""
    options = {"label": label, "empty_label": empty_label, "error_messages": {"invalid_choice": invalid}}
    return filters.ChoiceFilter(**options | {"widget": TranslatedSelect} | kwargs)


@by_structure
def plan_choices(plan, as_of):
    """Return the choices of the filters by parts, themes and regions of a plan, by the name of the filter."""
    texts, wording = plan.translated_texts(), Amendment.objects.wording_on(plan, as_of)
    themes = Theme.objects.filter(measures__action_line__plan=plan).distinct()
    names = [(theme.slug, texts.get(theme.name)) for theme in themes]
    return {
        "line": [
            (str(line.code), part_label(line.code, texts.get(wording.get(line.code, line.title))))
            for line in plan.action_lines.all()
        ],
        "measure": [
            (
                str(each.code),
                part_label(each.code, texts.get(each.short_name or wording.get(each.code, each.statement))),
            )
            for each in Measure.objects.of_plan(plan)
        ],
        "theme": sorted(names, key=lambda choice: sort_key(choice[1])),
        "region": [
            *((region.slug, texts.get(region.name)) for region in plan.regions),
            (WHOLE_NETWORK, gettext("None: the whole network")),
        ],
    }


def part_label(code, name):
    """Return the label of a line or measure in a list of options: its name and code."""
    return TranslatedText(f"{Truncator(name).chars(80)} ({code})", name.language)


@by_structure
def responsible_people(plan):
    """Return the id and the name of each person who is responsible for a deliverable of a plan, sorted by name."""
    people = get_user_model().objects.filter(deliverables__measure__action_line__plan=plan).distinct()
    return sorted(((str(person.pk), person.name) for person in people), key=lambda choice: sort_key(choice[1]))


@dataclass(frozen=True)
class Chip:
    """A filter in use as a page shows it, with the query of the same list without it."""

    label: str
    value: str
    query_without: str


class PlanFilter(filters.FilterSet):
    """The filters of a list of deliverables, or of objects that belong to one, which `path` leads to."""

    path = "pk"
    more = ()  # names of the filters that are folded away until used

    q = filters.CharFilter(
        label=_("Search"),
        method="search",
        max_length=200,
        error_messages={"max_length": _("Write at most 200 characters.")},
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Words, or a code such as L2M3")}),
    )
    line = choice_filter(
        _("Action line"),
        pgettext_lazy("action lines", "All"),
        _("This plan has no action line “%(value)s”."),
        method="filter_part",
    )
    measure = choice_filter(
        _("Measure"),
        pgettext_lazy("measures", "All"),
        _("This plan has no measure “%(value)s”."),
        method="filter_part",
    )
    theme = choice_filter(
        _("Theme"),
        pgettext_lazy("themes", "All"),
        _("This plan has no theme “%(value)s”."),
        method="filter_theme",
    )
    region = choice_filter(
        _("Region"),
        pgettext_lazy("regions", "All"),
        _("There is no region “%(value)s”."),
        method="filter_region",
    )
    as_of = filters.DateFilter(label=_("As of"), method="no_op", widget=DateInput)

    def __init__(self, data, queryset, *, plan, as_of=None):
        super().__init__(data, queryset=queryset)
        self.plan, self.as_of, self.wording = plan, as_of, Amendment.objects.wording_on(plan, as_of)

    @cached_property
    def form(self):
        """Return the form with the choices of the plan, made when it is needed: a list without filters needs none."""
        form = super().form
        form.is_search = True  # all fields are optional, so the labels do not say so
        form.order_fields(self.field_order)
        for name, choices in plan_choices(self.plan, self.as_of).items():
            form.fields[name].choices = choices
        if not self.plan.regions:
            del form.fields["region"]
        return form

    @property
    def fragment_key(self):
        """Return what the form shows, besides the plan: what was sent, and what the reader may choose."""
        return type(self).__name__, self.data.urlencode()

    def is_valid(self):
        return not self.data or super().is_valid()

    def get_form_class(self):
        """Return the form class, built once per filter class: django-filter would build it for every request."""
        cls = type(self)
        if "form_class" not in vars(cls):
            cls.form_class = super().get_form_class()
        return cls.form_class

    def belonging_to(self, queryset, deliverables):
        """Return the rows of a queryset that belong to the deliverables."""
        return queryset.filter(**{f"{self.path}__in": deliverables.values("pk")})

    def search(self, queryset, name, text):
        """Return the rows of the part that `text` names by its code, or those that contain all its words."""
        code = Code.find(text)  # or words that look like one, such as “L2 100”
        if code and Deliverable.objects.of_plan(self.plan.slug, code).exists():
            return self.belonging_to(queryset, Deliverable.objects.within(code))

        return queryset.filter(pk__in=self.matching) if words_of(text) else queryset

    @property
    def matching(self):
        """Return the ids of the rows that contain all the words of the search."""
        raise NotImplementedError

    def filter_part(self, queryset, name, text):
        return self.belonging_to(queryset, Deliverable.objects.within(Code.parse(text)))

    def filter_theme(self, queryset, name, slug):
        return self.belonging_to(queryset, Deliverable.objects.filter(measure__themes__slug=slug))

    def filter_region(self, queryset, name, slug):
        regions = {"regions": None} if slug == WHOLE_NETWORK else {"regions__slug": slug}
        return self.belonging_to(queryset, Deliverable.objects.filter(**regions))

    def no_op(self, queryset, name, day):
        """Return the queryset as it is: `__init__` has applied this filter already, here it is only a form field."""
        return queryset

    @property
    def main_fields(self):
        return [field for field in self.form if field.name not in self.more]

    @property
    def more_fields(self):
        """Return the fields that most people never use, which are folded away."""
        return [field for field in self.form if field.name in self.more]

    @property
    def more_in_use(self):
        return any(field.value() or field.errors for field in self.more_fields)

    @property
    def rows(self):
        """Return the filtered rows, or none if a filter is invalid: an error must never show more rows."""
        if not self.data:
            return self.queryset
        return self.qs if self.is_valid() else self.queryset.none()

    @property
    def active(self) -> dict[str, str]:
        """Return the filters in use by name, without the order and the date, which do not narrow the list."""
        values = self.form.cleaned_data if self.data and self.is_valid() else {}
        return {name: str(value) for name, value in values.items() if value and name not in ("sort", "as_of")}

    @property
    def active_labels(self) -> dict[str, str]:
        """Return the values of the filters in use by name, as their choices are labelled."""
        fields = self.form.fields
        return {
            name: dict(getattr(fields[name], "choices", ())).get(value, value) for name, value in self.active.items()
        }

    @property
    def description(self):
        """Return the filters in use as text, labelled as in the form: `Status: Attained, Theme: Youth`."""
        fields = self.form.fields
        return ", ".join(f"{fields[name].label}: {value}" for name, value in self.active_labels.items())

    @property
    def chips(self):
        """Return a `Chip` for each filter in use that the form shows."""
        fields = self.form.fields
        return [
            Chip(fields[name].label, value, self.query_without(name))
            for name, value in self.active_labels.items()
            if not fields[name].widget.is_hidden
        ]

    def query_without(self, name):
        query = self.data.copy()
        for each in {name, "page"} & query.keys():
            del query[each]
        return f"?{query.urlencode()}" if query else ""


class DeliverableFilter(PlanFilter):
    """The filters of the list of deliverables, with their status as of a day."""

    status = choice_filter(
        _("Status"), _("Any"), _("There is no status “%(value)s”. Choose one from the list."),
        field_name="current_status", choices=Status,
    )  # fmt: skip
    freshness = choice_filter(
        _("Reported"), _("Any time"), _("“%(value)s” is not a valid period. Choose one from the list."),
        method="filter_freshness", choices=Freshness,
    )  # fmt: skip
    attention = choice_filter(
        _("Needs attention"), _("Any"), _("“%(value)s” is not a valid choice. Choose one from the list."),
        method="filter_attention", choices=Attention,
    )  # fmt: skip
    responsible = choice_filter(
        _("Responsible"), _("Anyone or nobody"),
        _("Nobody called “%(value)s” is responsible for a deliverable of this plan."),
        method="filter_responsible",
    )  # fmt: skip
    due = choice_filter(
        _("Due"), _("Any time"), _("“%(value)s” is not a valid period. Choose one from the list."),
        method="filter_due", choices=Due,
    )  # fmt: skip
    withdrawn = choice_filter(
        "", "", _("“%(value)s” is not a valid choice for withdrawn deliverables."),
        method="no_op", choices=[("1", _("Withdrawn, not included in the totals"))], widget=forms.HiddenInput,
    )  # fmt: skip
    sort = choice_filter(
        "", _("Code"), _("The list cannot be sorted by “%(value)s”."), method="sort_rows",
        choices=[(order, order) for order in ORDERS], widget=forms.HiddenInput,
    )  # fmt: skip

    more = ("measure", "region", "responsible", "due", "freshness", "attention")
    field_order = ["q", "status", "line", "theme", "as_of", *more, "withdrawn", "sort"]

    class Meta:
        model = Deliverable
        fields = []

    def __init__(self, data, *, plan, reader, as_of=None):
        """Filter the deliverables of a plan. `reader` is the person who looks: members see who is responsible."""
        deliverables = Deliverable.objects.of_plan(plan.slug).existing_on(as_of).with_current_status(as_of)
        super().__init__(data, deliverables, plan=plan, as_of=as_of)

        self.day, self.reader = as_of or timezone.localdate(), reader

    @cached_property
    def form(self):
        form = super().form
        kinds = visible_to(self.reader, Attention)
        form.fields["attention"].choices = [(kind.value, kind.label) for kind in kinds]
        if self.reader.is_authenticated:
            people = [("me", _("Me")), ("nobody", _("Nobody yet")), *responsible_people(self.plan)]
            form.fields["responsible"].choices = people
        else:
            del form.fields["responsible"]
        return form

    @property
    def fragment_key(self):
        return *super().fragment_key, self.reader.is_authenticated

    @cached_property
    def found(self):
        """Return the `Standing` of each deliverable that passes the filters, in order, withdrawn ones among them."""
        if not self.is_valid():
            return []
        standings = standings_of(self.plan, self.as_of)
        if not self.active.keys() - {"withdrawn"} and self.sorted_by == "code":
            return standings
        by_id = {standing.pk: standing for standing in standings}
        return [by_id[pk] for pk in self.qs.values_list("pk", flat=True)]

    @property
    def rows(self):
        """Return the deliverables that the list shows: those withdrawn, or those not."""
        only_withdrawn = bool(self.active.get("withdrawn"))
        return [standing for standing in self.found if bool(standing.withdrawn_as_of) == only_withdrawn]

    @property
    def rows_with_withdrawn(self):
        """Return the rows of a file: the list's, and the withdrawn deliverables that pass the same filters."""
        return self.rows if self.active.get("withdrawn") else self.found

    @property
    def withdrawn_count(self):
        """Return how many withdrawn deliverables pass the same filters. They are not in the rows, nor in the counts."""
        return sum(standing.withdrawn_as_of is not None for standing in self.found)

    def filter_responsible(self, queryset, name, who):
        if who == "nobody":
            return queryset.filter(responsible=None)
        return queryset.filter(responsible=self.reader.pk if who == "me" else who)

    def filter_due(self, queryset, name, due):
        return due_when(due, queryset, self.day)

    def filter_freshness(self, queryset, name, freshness):
        return reported_when(freshness, queryset, self.day)

    def filter_attention(self, queryset, name, attention):
        return needing_attention(attention, queryset, self.day)

    @cached_property  # the rows and the number of withdrawn ones need it
    def matching(self):
        words = words_of(self.form.cleaned_data["q"])
        return matching_deliverables(self.plan, words, as_of=self.as_of, wording=self.wording)

    def sort_rows(self, queryset, name, order):
        if order in ("title", "-title"):
            return self.by_title(queryset, is_descending=order == "-title")
        return queryset.order_by(*ORDERS[order])

    def by_title(self, queryset, *, is_descending):
        """Order by title as a dictionary of the page's language does, which databases do in different ways.

        The sorted ids go into the query as one text, in which each row's place is looked up: a case for each row would
        make the query long, and slow to build.
        """
        texts, language = self.plan.translated_texts(), get_language()
        rows = Deliverable.objects.of_plan(self.plan.slug).order_by(*NATURAL_ORDER)
        titles = {
            pk: texts.get(self.wording.get(Code(*numbers), title))
            for pk, title, *numbers in rows.values_list("pk", "title", *NATURAL_ORDER)
        }
        ids = sorted(titles, key=lambda pk: sort_key(titles[pk], language))

        listed, own = Value(f",{','.join(map(str, ids))},"), Concat(Value(","), Cast("pk", CharField()), Value(","))
        place = StrIndex(listed, own)
        return queryset.order_by(place.desc() if is_descending else place.asc(), *NATURAL_ORDER)

    @property
    def sorted_by(self):
        """Return the key in `ORDERS` that the list is sorted by: `code` where none is given or it is invalid."""
        return (self.data and self.is_valid() and self.form.cleaned_data["sort"]) or "code"

    @property
    def counts(self):
        """Return the `Counts` of the filtered rows."""
        return Counts.of(standing.current_status for standing in self.rows)


class UpdateFilter(PlanFilter):
    """The filters of the feed, on all updates of a plan. Its status is the one that the update recorded."""

    path = "deliverable"

    status = choice_filter(
        _("Status"), _("Any"), _("“%(value)s” cannot be recorded. Choose one from the list."),
        choices=[(status.value, status.label) for status in Status.recordable()],
    )  # fmt: skip

    more = ("measure", "region")
    field_order = ["q", "status", "line", "theme", "as_of", *more]

    class Meta:
        model = StatusUpdate
        fields = []

    def __init__(self, data, *, plan, as_of=None):
        super().__init__(data, StatusUpdate.objects.for_feed(plan, as_of), plan=plan, as_of=as_of)

    @property
    def matching(self):
        return matching_updates(self.plan, words_of(self.form.cleaned_data["q"]), wording=self.wording)
