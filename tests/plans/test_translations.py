"""English is the original. A translation belongs to one exact English text."""

import pytest
from django.utils.html import conditional_escape
from django.utils.translation import override

from deliverables.status import Status
from plans.models import Plan, Translation
from plans.translations import TranslatedText, TranslatedTexts, labels_in_all_languages
from tests.builders import new_plan

pytestmark = pytest.mark.django_db
TITLE = "A New Outlook for Rethinking Metropolitan Spaces"
SPANISH_TITLE = "Una nueva mirada a los espacios metropolitanos"  # invented for this test, not an official translation


@pytest.fixture
def translated(plan, sofia):
    Translation.objects.set_translations(plan, "es", {TITLE: SPANISH_TITLE}, by=sofia)
    return plan


def test_a_text_is_shown_in_its_translation(translated):
    text = translated.translated_texts("es").get(TITLE)
    assert (text, text.language) == (SPANISH_TITLE, "es")


def test_an_untranslated_text_is_shown_in_english(translated):
    text = translated.translated_texts("fr").get(TITLE)
    assert (text, text.language) == (TITLE, "en")


@pytest.mark.parametrize(("page", "html"), [("en", "L &amp; M"), ("es", '<span lang="en">L &amp; M</span>')])
def test_text_in_another_language_than_the_page_has_a_lang_attribute(page, html):
    with override(page):
        assert conditional_escape(TranslatedText("L & M", "en").html) == html


def test_an_empty_text_has_no_markup():
    with override("es"):
        assert TranslatedTexts("es").get("").html == ""


def test_english_takes_no_query(plan, django_assert_num_queries):
    with django_assert_num_queries(0):
        plan.translated_texts("en").get(TITLE)


def test_translations_are_fetched_once(translated, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert [translated.translated_texts("es").get(TITLE) for _time in range(3)] == [SPANISH_TITLE] * 3


def test_translations_of_several_plans_take_one_query(translated, django_assert_num_queries):
    plans = [translated, new_plan()]
    with django_assert_num_queries(1):
        Translation.objects.load(plans, "es")
        assert [plan.translated_texts("es").get(TITLE) for plan in plans] == [SPANISH_TITLE, TITLE]


def test_a_translation_raises_the_revision_of_the_plan(translated):
    before = translated.revision
    translated.refresh_from_db()
    assert translated.revision == before + 1


def test_a_translation_stores_who_entered_it(translated, sofia):
    assert Translation.objects.get().entered_by == sofia


def test_an_empty_translation_is_deleted(translated, sofia):
    Translation.objects.set_translations(translated, "es", {TITLE: ""}, by=sofia)
    assert Translation.objects.count() == 0


def test_a_second_translation_replaces_the_first(translated, sofia):
    Translation.objects.set_translations(translated, "es", {TITLE: "Otra"}, by=sofia)
    assert [each.text for each in Translation.objects.all()] == ["Otra"]


def test_a_copied_plan_takes_over_the_translations(translated):
    plan = new_plan()
    Translation.objects.copy(translated, plan)
    assert plan.translated_texts("es").get(TITLE) == SPANISH_TITLE


def test_a_translated_headline_contains_its_number(plan, sofia):
    Translation.objects.set_translations(plan, "es", {plan.headline: "Había {total} resultados."}, by=sofia)
    assert plan.headline_for(65, plan.translated_texts("es")) == "Había 65 resultados."


def test_a_label_is_returned_in_every_language():
    assert labels_in_all_languages(Status.ATTAINED.label) == {"attained", "alcanzado", "atteint"}


def test_what_a_person_enters_is_official(translated_plan, sofia):
    Translation.objects.set_translations(translated_plan, "es", {TITLE: SPANISH_TITLE}, by=sofia)
    texts = translated_plan.translated_texts("es")
    assert (texts.get(TITLE).is_unofficial, texts.get("Youth").is_unofficial) == (False, True)


def test_an_unofficial_translation_is_confirmed_as_it_is(translated_plan, sofia):
    before = translated_plan.translated_texts("fr").get("Youth")
    Translation.objects.confirm(translated_plan, "fr", ["Youth"], by=sofia)
    entry = Translation.objects.get(language="fr", source="Youth")
    assert (entry.text, entry.is_unofficial, entry.entered_by) == (before, False, sofia)
    assert Translation.objects.get(language="es", source="Youth").is_unofficial
    assert Plan.objects.get().revision == translated_plan.revision + 1


def test_confirming_leaves_alone_what_somebody_else_has_entered(translated_plan, sofia, adam):
    Translation.objects.set_translations(translated_plan, "es", {"Youth": "Jóvenes"}, by=adam)
    Translation.objects.confirm(translated_plan, "es", ["Youth", "Gender"], by=sofia)
    entered = Translation.objects.filter(language="es", source__in=["Youth", "Gender"])
    assert dict(entered.values_list("source", "entered_by")) == {"Youth": adam.pk, "Gender": sofia.pk}


def test_a_plan_that_starts_with_the_same_texts_has_the_same_unofficial_ones(translated_plan, sofia):
    Translation.objects.confirm(translated_plan, "es", ["Youth"], by=sofia)
    other = new_plan()
    Translation.objects.copy(translated_plan, other)
    for plan in (other, translated_plan):
        assert plan.translated_texts("es").unconfirmed(["Youth", "Gender", "Unknown"]) == ["Gender"]


def test_a_list_of_plans_knows_unofficial_texts_too(translated_plan, django_assert_num_queries):
    with django_assert_num_queries(1):
        Translation.objects.load([translated_plan], "es")
        assert translated_plan.translated_texts("es").get("Youth").is_unofficial


@pytest.mark.parametrize(
    ("language", "text"),
    [("fr", "Buts\u00a0: «\u00a0agir\u00a0»\u00a0!"), ("es", "Buts : « agir » !")],
)
def test_a_french_line_does_not_break_before_a_colon(plan, sofia, language, text):
    Translation.objects.set_translations(plan, language, {TITLE: "Buts : « agir » !"}, by=sofia)
    assert plan.translated_texts(language).get(TITLE) == text
