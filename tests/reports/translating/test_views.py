"""Entering what a plan says in the other languages, and reading it there."""

import lxml.html
import pytest

from deliverables.models import Decision
from deliverables.plan_editing.structure import save_part
from plans.models import Plan, Translation, Visibility
from plans.translations import text_key
from reports.figures.summary import summarise
from tests.builders import TODAY, deliverable, new_plan
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db
PLAN = "/plans/2018-2020/"
WORDS = PLAN + "edit/translations/es/"
TITLE = "Voice of the Mayors"
OWN = "Voz de las alcaldías"  # a test's own words, no official translation


def field_name(text):
    return f"text-{text_key(text)[:16]}"


def sent(text, value, before=""):
    return {field_name(text): value, f"initial-{field_name(text)}": before}


def main(response):
    return lxml.html.fromstring(response.content).get_element_by_id("main")


@pytest.fixture
def title(plan):
    return deliverable("L1M1D2").title


def test_every_text_of_the_plan_can_be_entered(secretariat, plan):
    fields = main(secretariat.get(WORDS + "?page=1")).xpath(".//textarea/@name")
    fields += main(secretariat.get(WORDS + "?page=2")).xpath(".//textarea/@name")
    assert set(fields) == {field_name(text) for text in summarise(plan, today=TODAY).texts}


def test_the_texts_are_those_of_plan_lines_measures_deliverables_and_themes(plan):
    texts = summarise(plan, today=TODAY).texts
    assert {plan.title, plan.headline, "Youth", deliverable("L3M8D1").title} <= set(texts)
    assert len([where for where in texts.values() if str(where).startswith("L")]) > 90


def test_what_is_entered_is_shown_in_that_language_alone(secretariat, visitor, title):
    assert secretariat.post(WORDS, sent(title, OWN)).status_code == 302
    assert [main(visitor.get(f"{at}{PLAN}L1M1D2/")).find(".//h1").text_content() for at in ("", "/es", "/fr")] == [
        title,
        OWN,
        title,
    ]


def test_what_is_not_translated_is_marked_as_english(visitor, title):
    heading = main(visitor.get(f"/es{PLAN}L1M1D2/")).find(".//h1/span")
    assert (heading.get("lang"), heading.text) == ("en", title)


def test_only_what_this_person_changed_is_kept(secretariat, sofia, plan, title):
    Translation.objects.set_translations(plan, "es", {"Youth": "Juventud"}, by=sofia)
    secretariat.post(WORDS, sent("Youth", "", before="") | sent(title, OWN))
    assert set(Translation.objects.values_list("text", flat=True)) == {"Juventud", OWN}


def test_the_page_can_show_what_is_missing_alone(secretariat, sofia, plan, title):
    Translation.objects.set_translations(plan, "es", {title: OWN}, by=sofia)
    page = main(secretariat.get(WORDS + "?missing=1"))
    assert field_name(title) not in page.xpath(".//textarea/@name")
    assert "of 139 texts are not translated" in " ".join(page.text_content().split())


def test_a_text_too_long_is_kept_and_told(secretariat, title):
    response = secretariat.post(WORDS, sent(title, "x" * 5001))
    assert (response.status_code, Translation.objects.count()) == (422, 0)
    assert "x" * 5001 in main(response).xpath(".//textarea[1]")[0].text


@pytest.mark.parametrize("language", ["en", "xx"])
def test_no_other_language_can_be_entered(secretariat, plan, language):
    assert secretariat.get(f"{PLAN}edit/translations/{language}/").status_code == 404


def test_the_list_is_searched_in_the_language(visitor, plan, sofia, title):
    Translation.objects.set_translations(plan, "es", {title: OWN}, by=sofia)
    found = visitor.get(f"/es{PLAN}deliverables/?q=alcald%C3%ADas").context["page"]
    assert [str(row.code) for row in found] == ["L1M1D2"]


def test_a_part_is_entered_in_all_languages_on_its_own_page(secretariat, plan, title):
    fields = {"title": title, "was": title, "responsible": "", "due_on": ""}
    secretariat.post(f"{PLAN}edit/L1M1D2/", fields | {"in_es": OWN, "in_fr": "La voix des maires"})
    assert [plan.translated_texts(language).get(title) for language in ("es", "fr")] == [OWN, "La voix des maires"]


def test_new_english_words_ask_for_a_new_translation(secretariat, plan, sofia, title):
    Translation.objects.set_translations(plan, "es", {title: OWN}, by=sofia)
    on = deliverable("L1M1D2")
    on.title = "Voice of all Mayors"
    save_part(on, by=sofia, fields=["title"], decision=Decision("The Board, point 7", TODAY))
    assert plan.translated_texts("es").missing(["Voice of all Mayors"]) == ["Voice of all Mayors"]
    page = main(browser_of(sofia).get(f"/es{PLAN}L1M1D2/?as_of=2019-12-31"))
    assert page.find(".//h1").text_content() == OWN


def test_reworded_with_its_translation_both_are_kept(secretariat, plan, sofia, title):
    Translation.objects.set_translations(plan, "es", {title: OWN}, by=sofia)
    fields = {"title": "Voice of all", "was": title, "in_es": "Voz de todos", "initial-in_es": OWN, "in_fr": ""}
    decision = {"decision": "The Board, point 7", "in_force_on": "2026-11-24", "decision_link": ""}
    secretariat.post(f"{PLAN}edit/L1M1D2/", fields | decision | {"responsible": "", "due_on": ""})
    assert plan.translated_texts("es").by_source == {title: OWN, "Voice of all": "Voz de todos"}


def test_themes_are_shown_in_the_language(visitor, plan, sofia):
    Translation.objects.set_translations(plan, "fr", {"Youth": "Jeunesse"}, by=sofia)
    page = main(visitor.get(f"/fr{PLAN}"))
    names = [name.text_content() for name in page.xpath(".//*[contains(@class, 'theme')]//b")]
    assert ("Jeunesse" in names, names == sorted(names)) == (True, True)
    option = main(visitor.get(f"/fr{PLAN}deliverables/")).xpath(".//select[@name='theme']/option")
    assert {each.get("lang"): each.text for each in option if each.get("value") in ("youth", "gender")} == {
        None: "Jeunesse",
        "en": "Gender",
    }


@pytest.mark.parametrize("translated", [1, 30])
def test_the_number_of_queries_does_not_grow(visitor, plan, sofia, django_assert_num_queries, translated):
    texts = list(summarise(plan, today=TODAY).texts)[:translated]
    Translation.objects.set_translations(plan, "es", dict.fromkeys(texts, OWN), by=sofia)
    with django_assert_num_queries(16):
        visitor.get(f"/es{PLAN}")


@pytest.mark.parametrize("said", ["Había resultados.", "Había {totl} resultados.", "Había {total} {x}."])
def test_the_headline_keeps_its_number(secretariat, plan, said):
    response = secretariat.post(WORDS, sent(plan.headline, said))
    assert (response.status_code, Translation.objects.count()) == (422, 0)
    assert "Keep the placeholders as they are: {total}." in response.content.decode()


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("Juventud; niñez", "Remove the semicolon"),
        ("Gender", "The theme “Gender” already has this name."),
        ("igualdad", "The theme “Gender” already has this name."),
    ],
)
def test_a_theme_is_told_from_the_others_in_every_language(secretariat, sofia, plan, said, error):
    Translation.objects.set_translations(plan, "fr", {"Gender": "Igualdad"}, by=sofia)
    response = secretariat.post(WORDS, sent("Youth", said))
    assert (response.status_code, error in response.content.decode()) == (422, True)


def test_what_was_said_before_an_amendment_is_shown_to_its_translator(secretariat, plan, sofia, title):
    Translation.objects.set_translations(plan, "es", {title: OWN}, by=sofia)
    on = deliverable("L1M1D2")
    on.title = "Voice of all Mayors"
    save_part(on, by=sofia, fields=["title"], decision=Decision("The Board, point 7", TODAY))
    assert f"Translation of the former wording: “{OWN}”" in secretariat.get(WORDS).content.decode()


def test_what_a_colleague_entered_meanwhile_is_not_replaced_unseen(secretariat, adam, plan, title):
    Translation.objects.set_translations(plan, "es", {title: "De Adam"}, by=adam)
    response = secretariat.post(WORDS, sent(title, OWN))
    assert (response.status_code, Translation.objects.get().text) == (422, "De Adam")
    assert "Meanwhile somebody entered “De Adam”." in response.content.decode()
    fields = main(response).xpath(f".//*[contains(@name, '{field_name(title)}')]")
    again = {field.name: field.value.lstrip("\n") for field in fields}
    assert again == sent(title, OWN, before="De Adam")
    assert secretariat.post(WORDS, again).status_code == 302
    assert Translation.objects.get().text == OWN


def test_nor_on_the_page_of_a_part(secretariat, adam, plan, title):
    Translation.objects.set_translations(plan, "es", {title: "De Adam"}, by=adam)
    fields = {"title": title, "was": title, "responsible": "", "due_on": "", "in_es": OWN, "initial-in_es": ""}
    response = secretariat.post(f"{PLAN}edit/L1M1D2/", fields)
    assert (response.status_code, Translation.objects.get().text) == (422, "De Adam")


def test_the_words_of_an_earlier_day_can_be_entered(secretariat, plan, sofia, title):
    on = deliverable("L1M1D2")
    on.title = "Voice of all Mayors"
    save_part(on, by=sofia, fields=["title"], decision=Decision("The Board, point 7", TODAY))
    asked = WORDS + "?as_of=2020-12-31"
    names = [
        name for page in (1, 2) for name in main(secretariat.get(f"{asked}&page={page}")).xpath(".//textarea/@name")
    ]
    assert {field_name(title), field_name("Voice of all Mayors")} <= set(names)
    secretariat.post(asked, sent(title, OWN))
    assert plan.translated_texts("es").get(title) == OWN


@pytest.mark.parametrize("word", ["énergie", "Énergie", "VILLES"])
def test_accents_and_capitals_are_found_on_every_database(visitor, plan, sofia, title, word):
    Translation.objects.set_translations(plan, "fr", {title: "Énergie des villes"}, by=sofia)
    assert len(visitor.get(f"/fr{PLAN}deliverables/", {"q": word}).context["page"]) == 1


def confirm_name(text):
    return f"confirm-{text_key(text)[:16]}"


def unofficial(text, language="es"):
    return Translation.objects.get(language=language, source=text).is_unofficial


def test_an_unofficial_text_is_shown_as_such(secretariat, translated_plan, sofia):
    Translation.objects.set_translations(translated_plan, "es", {"Youth": "Juventudes"}, by=sofia)
    page = main(secretariat.get(WORDS))
    names = page.xpath(".//input[@type='checkbox']/@name")
    assert (confirm_name("Gender") in names, confirm_name("Youth") in names) == (True, False)
    helped = page.get_element_by_id(f"id_{field_name('Gender')}_helptext")
    assert "Unofficial translation made for this tracker" in helped.text_content()
    assert "138 of 139 translations are unofficial" in " ".join(page.text_content().split())


def test_a_text_is_confirmed_on_its_own(secretariat, translated_plan, sofia):
    text = translated_plan.translated_texts("es").get("Gender")
    values = sent("Gender", text, before=text) | sent("Youth", "Juventud", before="Juventud")
    response = secretariat.post(WORDS, values | {confirm_name("Gender"): "on"}, follow=True)
    assert "Confirmed one text." in response.content.decode()
    assert (unofficial("Gender"), unofficial("Youth"), unofficial("Gender", "fr")) == (False, True, True)
    entry = Translation.objects.get(language="es", source="Gender")
    assert (entry.text, entry.entered_by) == (text, sofia)


def test_a_text_that_is_changed_is_the_secretariats(secretariat, translated_plan):
    response = secretariat.post(WORDS, sent("Youth", "Jóvenes", before="Juventud"), follow=True)
    assert "Saved one text." in response.content.decode()
    assert (unofficial("Youth"), unofficial("Gender")) == (False, True)


def test_all_that_is_shown_is_confirmed_at_once(secretariat, translated_plan):
    page = main(secretariat.get(WORDS + "?unofficial=1"))
    shown = {field.name: (field.value or "").lstrip("\n") for field in page.xpath(".//form//textarea")}
    shown |= {field.name: field.value or "" for field in page.xpath(".//form//input[starts-with(@name, 'initial-')]")}
    response = secretariat.post(WORDS + "?unofficial=1", shown | {"confirm_all": "on"}, follow=True)
    assert "Confirmed 100 texts." in response.content.decode()
    left = summarise(Plan.objects.get(), today=TODAY).unofficial("es")
    page = main(response)
    assert set(page.xpath(".//form//textarea[starts-with(@name, 'text-')]/@name")) == set(map(field_name, left))
    assert len(left) == len(summarise(Plan.objects.get(), today=TODAY).texts) - 100


def test_confirming_keeps_the_spaces_of_french(secretariat, translated_plan):
    text = translated_plan.translated_texts("fr").get(translated_plan.goals_introduction)
    assert "\u00a0:" in text
    values = sent(translated_plan.goals_introduction, text, before=text)
    at = WORDS.replace("/es/", "/fr/")
    secretariat.post(at, values | {confirm_name(translated_plan.goals_introduction): "on"})
    entry = Translation.objects.get(language="fr", source=translated_plan.goals_introduction)
    assert (entry.text, entry.is_unofficial) == (text, False)


def test_nothing_to_confirm_shows_no_box(secretariat, plan, title, sofia):
    Translation.objects.set_translations(plan, "es", {title: OWN}, by=sofia)
    page = main(secretariat.get(WORDS))
    assert page.xpath(".//input[@type='checkbox']") == []
    assert "Every translation is confirmed." in main(secretariat.get(WORDS + "?unofficial=1")).text_content()


def test_a_part_shows_its_unofficial_texts_and_changing_one_makes_it_official(secretariat, translated_plan, title):
    old = {code: translated_plan.translated_texts(code).get(title) for code in ("es", "fr")}
    page = main(secretariat.get(f"{PLAN}edit/L1M1D2/"))
    assert "Unofficial translation" in page.get_element_by_id("id_in_es_helptext").text_content()
    fields = {"title": title, "was": title, "responsible": "", "due_on": ""}
    fields |= {"in_es": OWN, "initial-in_es": old["es"], "in_fr": old["fr"], "initial-in_fr": old["fr"]}
    assert secretariat.post(f"{PLAN}edit/L1M1D2/", fields).status_code == 302
    assert (unofficial(title), unofficial(title, "fr")) == (False, True)


def test_in_a_draft_an_unofficial_text_goes_along_with_a_reworded_one(secretariat, sofia):
    draft = new_plan(visibility=Visibility.DRAFT)
    values = {"Deliverable 1": "Entregable 1"}
    Translation.objects.set_translations(draft, "es", values, by=sofia, is_unofficial=True)
    fields = {"title": "Deliverable one", "was": "Deliverable 1", "number": 1, "responsible": "", "due_on": ""}
    fields |= {"in_es": "Entregable 1", "initial-in_es": "Entregable 1", "in_fr": ""}
    secretariat.post("/plans/2021-2023/edit/L1M1D1/", fields)
    entry = Translation.objects.get(plan=draft, source="Deliverable one")
    assert (entry.text, entry.is_unofficial) == ("Entregable 1", True)
