"""English is what was decided; a translation belongs to the very words it is of."""

import pytest
from django.utils.html import conditional_escape
from django.utils.translation import override

from deliverables.status import Status
from plans.models import Translation
from plans.translations import TranslatedText, TranslatedTexts, in_every_language
from tests.builders import new_plan

pytestmark = pytest.mark.django_db
TITLE = "A New Outlook for Rethinking Metropolitan Spaces"
ANOTHER = "Una nueva mirada a los espacios metropolitanos"  # a test's own words, no official translation


@pytest.fixture
def translated(plan, sofia):
    Translation.objects.set_translations(plan, "es", {TITLE: ANOTHER}, by=sofia)
    return plan


def test_words_are_shown_as_they_were_translated(translated):
    said = translated.translated_texts("es").get(TITLE)
    assert (said, said.language) == (ANOTHER, "es")


def test_what_is_not_translated_is_said_in_english(translated):
    said = translated.translated_texts("fr").get(TITLE)
    assert (said, said.language) == (TITLE, "en")


@pytest.mark.parametrize(("page", "marked"), [("en", "L &amp; M"), ("es", '<span lang="en">L &amp; M</span>')])
def test_words_in_another_language_than_the_page_are_marked(page, marked):
    with override(page):
        assert conditional_escape(TranslatedText("L & M", "en").html) == marked


def test_nothing_is_marked_where_nothing_is_said():
    with override("es"):
        assert TranslatedTexts("es").get("").html == ""


def test_english_takes_no_query(plan, django_assert_num_queries):
    with django_assert_num_queries(0):
        plan.translated_texts("en").get(TITLE)


def test_words_are_read_once(translated, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [translated.translated_texts("es").get(TITLE) for _time in range(3)] == [ANOTHER] * 3


def test_the_words_of_many_plans_take_one_query(translated, django_assert_num_queries):
    plans = [translated, new_plan()]
    with django_assert_num_queries(1):
        Translation.objects.load(plans, "es")
        assert [plan.translated_texts("es").get(TITLE) for plan in plans] == [ANOTHER, TITLE]


def test_a_translation_is_a_change_of_the_plan(translated):
    before = translated.revision
    translated.refresh_from_db()
    assert translated.revision == before + 1


def test_a_translation_says_who_entered_it(translated, sofia):
    assert Translation.objects.get().entered_by == sofia


def test_an_empty_translation_is_taken_out(translated, sofia):
    Translation.objects.set_translations(translated, "es", {TITLE: ""}, by=sofia)
    assert Translation.objects.count() == 0


def test_a_second_translation_takes_the_place_of_the_first(translated, sofia):
    Translation.objects.set_translations(translated, "es", {TITLE: "Otra"}, by=sofia)
    assert [each.text for each in Translation.objects.all()] == ["Otra"]


def test_a_plan_made_from_another_takes_its_translations(translated):
    plan = new_plan()
    Translation.objects.copy(translated, plan)
    assert plan.translated_texts("es").get(TITLE) == ANOTHER


def test_the_headline_has_its_number_in_every_language(plan, sofia):
    Translation.objects.set_translations(plan, "es", {plan.headline: "Había {total} resultados."}, by=sofia)
    assert plan.headline_for(65, plan.translated_texts("es")) == "Había 65 resultados."


def test_a_label_is_known_in_every_language():
    assert in_every_language(Status.ATTAINED.label) == {"attained", "alcanzado", "atteint"}
