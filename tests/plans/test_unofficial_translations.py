"""The plan 2018-2020 comes with a Spanish and a French text for each of its own, marked as unofficial."""

import importlib
import json
import re

import pytest
from django.apps import apps
from django.conf import settings

from deliverables.models import Deliverable
from plans.models import ActionLine, Measure, Organisation, Plan, Theme, Translation
from plans.translations import max_length_for, placeholders, text_key

pytestmark = pytest.mark.django_db
FIXTURE = settings.BASE_DIR / "fixtures/plan-2018-2020-translations.json"
ROWS = [row["fields"] for row in json.loads(FIXTURE.read_text(encoding="utf-8"))]
LANGUAGES = ["es", "fr"]
MENDED = [  # what the texts that stop in the air become
    "Between 2018 and 2020, Metropolis had {total} outcomes to deliver.",
    "This report has been edited with the financial support of",
]
SHORT_NAMES = """
Following global events|A common political voice|Gender in the global agenda|Youth in advocacy|Lobbying strategy
Global partnerships|UCLG and the Global Taskforce|Specialised media|Pilot projects|Knowledge management
Observatory and policy transfer|City managers community|Learning and training plan|Governance tools for cities
Research and thematic networks|Forums for mayors and experts|Knowledge on gender policies
Youth in metropolitan governance|Urban innovation with Guangzhou|Roles of statutory bodies|Five regional agendas
Relations with members|Communication plans|Fundraising|Finance and transparency|Reorganising the Secretariat
Gender across the organisation
"""


def names():
    return re.split(r"[|\n]", SHORT_NAMES.strip())


def rows_in(language):
    return {row["source"]: row for row in ROWS if row["language"] == language}


def texts_of(plan):
    """Return every English text of the plan, from its rows in the database."""
    texts = {
        plan.organisation.full_name, plan.title, plan.subtitle, plan.headline, plan.acknowledgement,
        plan.goals_introduction,
    }  # fmt: skip
    for values in (
        Theme.objects.values_list("name"), ActionLine.objects.values_list("title"),
        Measure.objects.values_list("statement"), Deliverable.objects.values_list("title"),
    ):  # fmt: skip
        texts |= {text for (text,) in values}
    return texts


@pytest.fixture
def migration():
    return importlib.import_module("plans.migrations.0009_unofficial_translations")


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_of_the_103_texts_is_translated(translated_plan, language):
    texts = texts_of(translated_plan)
    assert len(texts) >= 103
    assert translated_plan.translated_texts(language).missing(texts) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_so_are_short_names_and_the_texts_that_are_mended(language):
    assert len(names()) == 27
    assert [text for text in [*names(), *MENDED] if text not in rows_in(language)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_short_name_stays_short(language):
    rows = rows_in(language)
    assert [rows[name]["text"] for name in names() if len(rows[name]["text"]) > 40] == []


def test_both_languages_have_the_same_texts_once_each():
    assert rows_in("es").keys() == rows_in("fr").keys()
    assert len(ROWS) == 2 * len(rows_in("es"))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['language']} {row['source'][:30]}")
def test_a_translation_belongs_to_its_text(row):
    assert row["key"] == text_key(row["source"])
    assert placeholders(row["text"]) == placeholders(row["source"])
    assert row["text"] != row["source"] or row["text"] == "Europe"  # the name of the continent is the same in French
    assert len(row["text"]) <= max_length_for(row["source"])
    assert (row["is_unofficial"], row["entered_by"]) == (True, None)


@pytest.mark.parametrize("text", [row["text"] for row in ROWS if row["language"] == "fr"], ids=lambda text: text[:30])
def test_french_has_a_space_that_does_not_break_before_its_signs(text):
    assert not re.search("(?<!\u00a0)[:;?!»]|«(?!\u00a0)|'", text)


def test_an_installation_that_has_the_plan_gets_them(plan, migration):
    migration.add_translations(apps, None)
    stored = Translation.objects.filter(plan=plan, is_unofficial=True).values_list("language", "source", "text")
    assert set(stored) == {(row["language"], row["source"], row["text"]) for row in ROWS}
    assert Plan.objects.get().revision == plan.revision + 1


def test_what_people_have_translated_stays_theirs(plan, sofia, migration):
    Translation.objects.set_translations(plan, "es", {"Youth": "Jóvenes"}, by=sofia)
    migration.add_translations(apps, None)
    own = Translation.objects.get(language="es", source="Youth")
    assert (own.text, own.is_unofficial, own.entered_by) == ("Jóvenes", False, sofia)
    assert Translation.objects.get(language="fr", source="Youth").text == "Jeunesse"
    assert Translation.objects.count() == len(ROWS)


def test_another_plan_gets_none(plan, migration):
    Plan.objects.update(key="00000000-0000-4000-8000-000000000000")
    migration.add_translations(apps, None)
    assert (Translation.objects.count(), Plan.objects.get().revision) == (0, plan.revision)


def test_the_organisation_has_its_official_name_in_both_languages(translated_plan):
    name = Organisation.objects.get().full_name
    assert [translated_plan.translated_texts(language).get(name) for language in LANGUAGES] == [
        "Asociación Mundial de las Grandes Metrópolis",
        "Association mondiale des grandes métropoles",
    ]
