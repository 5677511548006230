from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import QueryDict
from django.utils.translation import override

from deliverables.counts import Counts
from deliverables.filters import DeliverableFilter, UpdateFilter
from deliverables.models import Deliverable
from plans.models import Translation
from tests.builders import deliverable, report

pytestmark = pytest.mark.django_db


def filter_deliverables(plan, query):
    return DeliverableFilter(QueryDict(query), plan=plan, reader=AnonymousUser())


def codes(plan, query):
    return [str(row.code) for row in filter_deliverables(plan, query).rows]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 65),
        ("status=attained", 49),
        ("status=in_progress", 10),
        ("status=not_developed", 6),
        ("status=no_status", 0),
        ("line=L1", 17),
        ("line=L2", 27),
        ("line=L3", 21),
        ("measure=L2M10", 3),
        ("theme=gender", 10),
        ("theme=youth", 4),
        ("line=L2&status=not_developed&theme=youth", 3),
        ("q=L2M3", 4),
        ("q=specialised+media", 2),
        ("q=l2m3d1", 1),
        ("q=observatory", 6),
        ("q=OBSERVATORY website", 1),
        ("q=100%25_", 0),
    ],
)
def test_a_filter_returns_the_matching_rows(plan, query, number):
    assert len(codes(plan, query)) == number


def test_counts_are_of_the_filtered_rows(plan):
    assert filter_deliverables(plan, "theme=gender").counts == Counts(attained=7, in_progress=3)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("status=done", "There is no status “done”"),
        ("line=L9", "This plan has no action line “L9”"),
        ("measure=L1M99", "This plan has no measure “L1M99”"),
        ("theme=sport", "This plan has no theme “sport”"),
        ("sort=responsible__password", "The list cannot be sorted by “responsible__password”"),
        ("as_of=soon", "Enter a valid date"),
        ("q=%00", "Null characters are not allowed"),
        (f"q={'x' * 201}", "at most 200 characters"),
    ],
)
def test_an_invalid_filter_shows_an_error_and_no_rows(plan, query, message):
    filtered = filter_deliverables(plan, query)
    assert message in str(filtered.errors)
    assert (list(filtered.rows), filtered.counts) == ([], Counts())


def test_the_natural_order_is_the_default(plan):
    assert codes(plan, "measure=L2M10") + codes(plan, "q=L2M9") == ["L2M10D1", "L2M10D2", "L2M10D3", "L2M9D1"]


def test_sorting_by_code_descending_reverses_the_natural_order(plan):
    assert codes(plan, "sort=-code") == codes(plan, "")[::-1]


def test_sorting_by_title(plan):
    assert codes(plan, "sort=title&line=L3")[:2] == ["L3M2D1", "L3M6D6"]


def test_sorting_by_status_follows_the_legend_and_not_the_alphabet(plan):
    statuses = [row.current_status.value for row in filter_deliverables(plan, "sort=status").rows]
    assert statuses == ["attained"] * 49 + ["in_progress"] * 10 + ["not_developed"] * 6


def test_sorting_by_date_descending_puts_the_latest_first(plan, sofia):
    report(deliverable("L3M1D1"), "in_progress", by=sofia)
    assert codes(plan, "sort=-effective_on")[:2] == ["L3M1D1", "L1M1D1"]


# Search: the same on both databases


@pytest.fixture
def searched(plan, sofia):
    """A plan with accents, punctuation and translations in titles, notes and evidence."""
    Deliverable.objects.filter(pk=deliverable("L1M1D1").pk).update(title="Montréal, vis-à-vis the “gestión” of Łódź")
    report(
        deliverable("L1M1D2"), "attained", by=sofia, note="Shown at the Québec forum.",
        evidence_title="Procès-verbal", evidence_link="https://metropolis.org/minutes-2019",
    )  # fmt: skip
    title = deliverable("L2M5D1").title
    Translation.objects.set_translations(plan, "es", {title: "Informe anual de gestión"}, by=sofia)
    return plan


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("montreal", "L1M1D1"),
        ("MONTRÉAL", "L1M1D1"),
        ("Montre\u0301al", "L1M1D1"),
        ("Mont\u00adréal\u200b", "L1M1D1"),
        ("vis-a-vis gestion", "L1M1D1"),
        ("lodz", "L1M1D1"),
        ("quebec", "L1M1D2"),
        ("proces verbal", "L1M1D2"),
        ("minutes-2019", "L1M1D2"),
        ("INFORME GESTION", "L2M5D1"),
        ("L2M5D1.", "L2M5D1"),
        ("L02M05D1", "L2M5D1"),
    ],
)
def test_a_search_ignores_accents_case_and_punctuation(searched, text, code):
    assert codes(searched, urlencode({"q": text})) == [code]


def test_a_search_finds_a_translation_in_whatever_language_the_page_is(searched):
    assert set(codes(searched, urlencode({"q": "GESTION"}))) == {"L1M1D1", "L2M5D1"}


def test_a_leading_zero_is_no_other_measure(plan):
    assert codes(plan, "q=L2M03") == codes(plan, "q=L2M3") != []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("---", []),
        ("“\u200b", ["L1M1D1"]),
        ("𝄞", ["L3M1D1"]),
        ("\u0abe", ["L3M1D1"]),
        ("L2 100", ["L3M1D1"]),
    ],
)
def test_signs_and_words_that_look_like_a_code_are_searched_too(searched, text, found):
    Deliverable.objects.filter(pk=deliverable("L3M1D1").pk).update(title="Line L2 100 buses 𝄞 ગુજરાતી")
    assert codes(searched, urlencode({"q": text})) == found


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u00ad\u2060"])
def test_a_search_without_visible_text_shows_everything(plan, text):
    assert len(codes(plan, urlencode({"q": text}))) == 65


def test_changes_are_searched_by_their_own_note_too(searched):
    notes = UpdateFilter(QueryDict(urlencode({"q": "QUEBEC FORUM"})), plan=searched).rows
    both = UpdateFilter(QueryDict(urlencode({"q": "voice quebec"})), plan=searched).rows
    assert ([update.sequence for update in notes], len(both)) == ([66], 1)


def test_titles_are_sorted_as_the_language_of_the_page_does(plan, sofia):
    titles = {"L1M1D1": "Zaragoza", "L1M1D2": "Ávila", "L1M1D3": "avance", "L1M2D1": "Ñuñoa", "L1M3D1": "Nunca"}
    english = {code: deliverable(code).title for code in titles}
    Translation.objects.set_translations(plan, "es", {english[code]: titles[code] for code in titles}, by=sofia)
    others = Deliverable.objects.of_plan("2018-2020").exclude(title__in=english.values())
    others.update(title="Ω last")
    with override("es"):
        found = [codes(plan, query) for query in ("sort=title", "sort=-title")]
    assert found[0][:5] == ["L1M1D3", "L1M1D2", "L1M3D1", "L1M2D1", "L1M1D1"]
    assert found[1][-5:] == found[0][:5][::-1]


def test_the_choice_of_a_measure_leads_with_its_name(plan):
    choices = dict(filter_deliverables(plan, "").form.fields["measure"].choices)
    assert choices["L2M10"] == "Youth in metropolitan governance (L2M10)"


def test_the_words_of_a_translated_short_name_find_its_deliverables(plan, sofia):
    Translation.objects.set_translations(plan, "es", {"Fundraising": "Captación de fondos"}, by=sofia)
    assert codes(plan, "q=captacion") == ["L3M5D1", "L3M5D2", "L3M5D3"]


# Chips: the filters in use


def chips(plan, query):
    return [(chip.label, str(chip.value), chip.query_without) for chip in filter_deliverables(plan, query).chips]


def test_a_filter_in_use_is_shown_with_the_query_without_it(plan):
    assert chips(plan, "status=in_progress&theme=gender&page=2") == [
        ("Status", "In progress", "?theme=gender"),
        ("Theme", "Gender", "?status=in_progress"),
    ]


def test_without_its_last_filter_a_list_has_no_query(plan):
    assert chips(plan, "q=ethics") == [("Search", "ethics", "")]


def test_the_order_and_the_withdrawn_ones_have_no_chip(plan):
    assert chips(plan, "sort=-since&withdrawn=1") == []
