import pytest

from reports.imports.mapping.status_words import guess_status

ATTAINED = ["Achieved", "DONE", "Cumplido", "Réalisée", "Sí", "yes", "100%", "100", "1", "✓", "✅", "已完成",
            "Concluída", "Cumplido (2018)", "Delivered – May 2019", "TRUE"]  # fmt: skip
IN_PROGRESS = ["In progress", "Delayed", "at risk", "Retrasado", "En cours", "Parcial", "50%", "75 %", "0.5", "0,25",
               "1%", "12.5%", "🟢", "🟡", "🔴", "Verde", "amber", "En curso - 50%", "Atrasada", "Partly"]  # fmt: skip
NONE = ["Not started", "0%", "0", "No iniciado", "Sin empezar", "À venir", "n/a", "–", "⚪", "Pendiente", "Gris"]


@pytest.mark.parametrize(
    ("words", "choice"), [(ATTAINED, "attained"), (IN_PROGRESS, "in_progress"), (NONE, "none")],
    ids=["attained", "in progress", "none"],
)  # fmt: skip
def test_a_word_of_other_tables_is_guessed(words, choice):
    assert [word for word in words if guess_status(word) != choice] == []


@pytest.mark.parametrize(
    ("word", "choice"),
    [
        ("No cumplido", "not_developed"),
        ("No", "not_developed"),
        ("❌", "not_developed"),
        ("Cancelado por falta de fondos", "not_developed:given_up"),
        ("Broken", "not_developed:given_up"),
        ("On hold", "not_developed:postponed"),
        ("Suspendu", "not_developed:postponed"),
    ],
)
def test_what_was_not_developed_has_its_reason_where_the_word_says_it(word, choice):
    assert guess_status(word) == choice


@pytest.mark.parametrize("word", ["Done in part", "Completed by others", "bla", "101%", "2019", ""])
def test_an_unknown_word_is_left_to_the_person(word):
    assert guess_status(word) is None
