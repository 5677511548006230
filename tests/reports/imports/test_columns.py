"""The page of the columns: what it asks, what it keeps, and what it remembers for the next file."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reports.imports.models import ColumnMapping, Import
from tests.reports.imports.journey import answer, columns_page, empty_plan, guesses, import_file, rows_of, upload

pytestmark = pytest.mark.django_db
HEADS = "Eje;Acción;Valoración;Área\r\n"
TABLE = (HEADS + "Movilidad;Un carril;Regular;Obras\r\nVivienda;Cien pisos;Bien;Obras\r\n").encode()


def word(page, text):
    """The name of the field of a word for a status."""
    return next(field.html_name for each, _rows, field in page.context["form"].words if each == text)


def with_statuses(client, plan, *, content=TABLE):
    """The page after the person has said that the third column is the status, and its address."""
    page, url = columns_page(client, plan, content)
    assert answer(client, url, guesses(page) | {"column_2": "status"}).url == url
    return client.get(url), url


def test_each_column_is_shown_with_examples_beside_what_it_becomes(secretariat):
    page, _url = columns_page(secretariat, empty_plan(), TABLE)
    shown = [(letter, head, examples, field.value()) for letter, head, examples, field in page.context["form"].columns]
    assert shown == [
        ("A", "Eje", ["Movilidad", "Vivienda"], "action_line_title"),
        ("B", "Acción", ["Un carril", "Cien pisos"], "title"),
        ("C", "Valoración", ["Regular", "Bien"], ""),
        ("D", "Área", ["Obras"], ""),
    ]


def test_a_column_of_statuses_that_a_person_names_raises_the_question_of_its_words(secretariat):
    page, _url = with_statuses(secretariat, empty_plan())
    assert [(each, rows, field.value()) for each, rows, field in page.context["form"].words] == [
        ("Regular", 1, ""), ("Bien", 1, ""),
    ]  # fmt: skip


def test_an_unknown_word_has_to_be_answered_and_nothing_chosen_is_lost(secretariat):
    page, url = with_statuses(secretariat, empty_plan())
    chosen = guesses(page) | {"column_3": "next_step", word(page, "Regular"): "in_progress", "note": "Seen in May."}
    answered = answer(secretariat, url, chosen)
    assert answered.status_code == 422
    assert answered.context["form"].errors == {word(page, "Bien"): ["Choose what “Bien” means."]}
    assert guesses(answered) == chosen | {"effective_on": str(chosen["effective_on"])}


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"column_0": "title"}, "Two columns cannot both become “Deliverable”. Leave one of them out."),
        ({"column_1": ""}, "Choose the column that names the deliverables."),
        ({"column_1": "secret"}, "Select a valid choice. secret is not one of the available choices."),
        ({"head_row": "77"}, "Select a valid choice. 77 is not one of the available choices."),
    ],
)
def test_an_answer_that_cannot_be_is_told(secretariat, fields, error):
    page, url = columns_page(secretariat, empty_plan(), TABLE)
    answered = answer(secretariat, url, guesses(page) | fields)
    assert answered.status_code == 422
    assert error in answered.content.decode()


@pytest.mark.parametrize("effective_on", ["", "31/02/2019", "soon", "9" * 500])
def test_a_date_of_the_statuses_that_is_none_is_told(secretariat, effective_on):
    page, url = with_statuses(secretariat, empty_plan())
    words = {word(page, "Regular"): "in_progress", word(page, "Bien"): "attained"}
    answered = answer(secretariat, url, guesses(page) | words | {"effective_on": effective_on})
    assert answered.status_code == 422
    assert "effective_on" in answered.context["form"].errors


# What is remembered


def test_choices_are_offered_again_for_a_table_with_the_same_heads(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, TABLE, column_3="measure_statement")
    page, _url = columns_page(secretariat, empty_plan("2020-2023"), TABLE.replace(b"Obras", b"Parques"))
    assert guesses(page)["column_3"] == "measure_statement"


def test_words_are_offered_again_beside_new_ones(secretariat):
    plan = empty_plan()
    page, url = with_statuses(secretariat, plan)
    words = {word(page, "Regular"): "in_progress", word(page, "Bien"): "attained"}
    answer(secretariat, url, guesses(page) | words | {"note": "Seen by the council in May."})
    page, _url = columns_page(secretariat, plan, TABLE + b"Vivienda;Obras;Mal;Obras\r\n")
    assert {each: field.value() for each, _rows, field in page.context["form"].words} == {
        "Regular": "in_progress", "Bien": "attained", "Mal": "",
    }  # fmt: skip


def test_nothing_is_offered_to_another_organisation(secretariat):
    import_file(secretariat, empty_plan(), TABLE, column_3="measure_statement")
    page, _url = columns_page(secretariat, empty_plan("2020-2023", organisation="other"), TABLE)
    assert guesses(page)["column_3"] == ""


def test_nothing_is_offered_for_a_table_without_heads(secretariat):
    plan = empty_plan()
    import_file(
        secretariat, plan, b"Roads;Build 2 km;Works\r\nRoads;Build 4 km;Works\r\n", column_2="measure_statement"
    )
    assert not ColumnMapping.objects.exists()


# Whose it is, and how long


@pytest.mark.parametrize("page", ["", "columns/"])
def test_the_import_of_somebody_else_is_not_there(secretariat, administrator, page):
    url = columns_page(secretariat, empty_plan(), TABLE)[1].removesuffix("columns/")
    assert administrator.get(url + page).status_code == 404
    assert answer(administrator, url + "columns/", {"column_1": "title"}).status_code == 404


def test_an_import_is_not_there_under_the_address_of_another_plan(secretariat):
    plan, other = empty_plan(), empty_plan("2020-2023")
    url = columns_page(secretariat, plan, TABLE)[1]
    assert secretariat.get(url.replace(plan.slug, other.slug)).status_code == 404


def test_an_expired_import_leads_back_to_the_upload(secretariat):
    plan = empty_plan()
    url = columns_page(secretariat, plan, TABLE)[1].removesuffix("columns/")
    Import.objects.update(uploaded_at=timezone.now() - timedelta(hours=25))
    upload(secretariat, plan, TABLE)
    assert secretariat.get(f"{url}columns/").status_code == 404
    answered = secretariat.post(f"{url}apply/", {"seen": "0"}, follow=True)
    assert answered.redirect_chain == [(f"/plans/{plan.slug}/import/", 302)]
    assert "This import has expired after a day. Upload the file again." in answered.content.decode()


def test_once_applied_its_pages_show_the_result_and_applying_again_does_nothing(secretariat):
    plan = empty_plan()
    import_file(secretariat, plan, TABLE)
    imported = Import.objects.get()
    url = f"/plans/{plan.slug}/import/{imported.key}/"
    assert secretariat.get(f"{url}columns/").url == url
    assert secretariat.post(f"{url}apply/", {"seen": "0"}).url == url
    page = secretariat.get(url).content.decode()
    assert "The file was applied" in page
    assert (len(rows_of(plan)), imported.source, imported.content) == (2, None, None)
    assert "table.xlsx" in secretariat.get(f"/plans/{plan.slug}/import/").content.decode()


# The encoding


def test_an_encoding_that_the_file_does_not_say_is_asked_with_a_line_in_each(secretariat):
    plan = empty_plan()
    content = TABLE.decode().replace("Un carril", "Una señal única").encode("mac_roman")
    page, url = columns_page(secretariat, plan, content)
    labels = dict(page.context["shape"].fields["encoding"].choices)
    assert guesses(page)["encoding"] == "mac_roman"
    assert "Acción" in labels["mac_roman"]
    assert "Acción" not in labels["cp1252"]
    answered = answer(secretariat, url, guesses(page) | {"encoding": "cp1252"})
    assert answered.url == url  # the page again, with the heads as they read now
    assert "Acci—n" in secretariat.get(url).content.decode()


def test_a_forged_encoding_is_refused(secretariat):
    content = TABLE.decode().encode("mac_roman")
    page, url = columns_page(secretariat, empty_plan(), content)
    assert answer(secretariat, url, guesses(page) | {"encoding": "rot13"}).status_code == 422


# StratML

STRATML = """<StrategicPlan><Name>Plan</Name><StrategicPlanCore>
<Goal><Name>Mobility</Name><SequenceIndicator>1</SequenceIndicator>
<Objective><Name>Cycling</Name><SequenceIndicator>1.1</SequenceIndicator>
<PerformanceIndicator><MeasurementDimension>Lanes built</MeasurementDimension><UnitOfMeasurement>km</UnitOfMeasurement>
<MeasurementInstance><TargetResult><NumberOfUnits>12</NumberOfUnits><EndDate>2019-12-31</EndDate></TargetResult>
</MeasurementInstance></PerformanceIndicator></Objective></Goal></StrategicPlanCore></StrategicPlan>"""


@pytest.mark.parametrize(
    ("objectives", "row"),
    [
        ("measures", ("L1M1D1", "Mobility", "Cycling", "Lanes built", "2019-12-31")),
        ("deliverables", ("L1M1D1", "Mobility", "Mobility", "Cycling", "2019-12-31")),
    ],
)
def test_the_objectives_of_stratml_become_measures_or_deliverables(secretariat, objectives, row):
    plan = empty_plan()
    page, url = columns_page(secretariat, plan, STRATML.encode())
    answered = answer(secretariat, url, guesses(page) | {"objectives": objectives})
    if answered.url == url:  # read again in the other way
        answered = answer(secretariat, url, guesses(secretariat.get(url)))
    seen = secretariat.get(answered.url).context["plan"].revision
    secretariat.post(f"{answered.url}apply/", {"seen": seen})
    assert rows_of(plan) == [row]


def test_targets_of_stratml_that_are_no_whole_numbers_are_left_out_and_named(secretariat):
    plan = empty_plan()
    content = STRATML.replace("<NumberOfUnits>12<", "<NumberOfUnits>1.5<").encode()
    assert import_file(secretariat, plan, content).left_out[0] == "Columns: Goal code, Objective code, Unit, Target."
    assert len(rows_of(plan)) == 1


# Its cost


@pytest.mark.parametrize("rows", [3, 300])
def test_the_number_of_queries_does_not_grow_with_the_table(secretariat, django_assert_max_num_queries, rows):
    content = HEADS + "".join(f"Eje {n % 9};Acción {n};Nota {n % 50};Obras\r\n" for n in range(rows))
    plan = empty_plan()
    _page, url = with_statuses(secretariat, plan, content=content.encode())
    with django_assert_max_num_queries(12):
        secretariat.get(url)


# What attained rests on

ATTAINED = "Eje;Acción;Estado\r\nMovilidad;Un carril;Cumplido\r\nVivienda;Cien pisos;En curso\r\n".encode()


def test_attained_without_evidence_is_asked_for_a_sentence_on_the_same_page(secretariat):
    plan = empty_plan()
    page, url = columns_page(secretariat, plan, ATTAINED)
    sentence = "One row is “attained” without evidence. Say here in a sentence where it can be seen."
    assert page.context["form"].fields["note"].help_text == sentence
    answered = answer(secretariat, url, guesses(page))
    assert (answered.status_code, answered.context["form"].errors) == (422, {"note": [sentence]})
    answered = answer(secretariat, url, guesses(page) | {"note": "As the annual report of 2018 says."})
    assert secretariat.get(answered.url).context["preview"].problems == []


@pytest.mark.parametrize(
    ("head", "cell"), [("Fuente", "https://example.org/a"), ("Observaciones", "Se abrió en mayo de 2018")]
)
def test_evidence_or_a_note_in_the_file_is_enough(secretariat, head, cell):
    plan = empty_plan()
    content = f"Eje;Acción;Estado;{head}\r\nMovilidad;Un carril;Cumplido;{cell}\r\n".encode()
    assert import_file(secretariat, plan, content).problems == []


def test_the_plan_alone_needs_no_evidence(secretariat):
    plan = empty_plan()
    assert import_file(secretariat, plan, ATTAINED, content="plan").counts["added"] == 2


def test_a_preview_before_the_columns_are_answered_leads_back_to_them(secretariat):
    _page, url = columns_page(secretariat, empty_plan(), TABLE)
    imported = Import.objects.get()
    imported.choices["fields"] = ["", "", "", ""]  # as where nothing could be guessed
    imported.save()
    preview = url.removesuffix("columns/")
    assert [secretariat.get(preview).url, secretariat.post(preview + "apply/", {"seen": "1"}).url] == [url, url]
