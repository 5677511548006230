"""Texts that people may enter, for property tests: any text, and what our own formats could take for something else."""

from datetime import date
from itertools import cycle

from django.db import transaction
from django.utils.text import slugify
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deliverables.models import Decision, Deliverable
from deliverables.plan_editing import structure
from plans.common.text import normalise
from plans.models import Plan, Theme, Translation, Visibility
from reports.figures.summary import summarise
from tests.builders import TODAY, new_plan, report

BLANKS = " \t\n\r\x0b\x0c\x1f\x85\u00a0\u1680\u2003\u2028\u2029\u202f\u3000\u2800\u200b\u200e\u2060\ufeff"
FORMULA_SIGNS = "=+-@＝＋－＠﹦﹢﹣﹫"

PIECES = [
    *BLANKS, *FORMULA_SIGNS, "'", '"', '""', "\\", "\\n", "\\u0041", ",", ";", "; ", "\r\n", "\n\n", "  ", "{total}",
    "{}", "%s", "%(code)s", "{{ code }}", "{% now %}", "<r>", "</r>", "<t>", "</t>", "&amp;", "&#10;", "]]>", "<!--",
    "<br>", "</script>", "_x0041_", "x005F_", "_x000D_", "#", "$x$", "/*", "//", "*b*", "_i_", "@a", "`", "[x]", "~",
    "e\u0301", "\u0301", "\u200d", "\u200c", "\u200e", "\u202e", "\u2066", "م", "שלום", "می\u200cخواهم", "東京", "😀",
    "👩\u200d💻", "𝔘", "\U0010fffd", "\ufdd0", "\ufffd", "\0", "\x07", "\x7f", "İ", "ß", "ﬁ", "Å", "n\u0303", "a", "0",
]  # fmt: skip
WHOLE = [
    "", " ", "null", "None", "true", "FALSE", "NaN", "-inf", "0", "007", "1e5", "-1", "1,5", "2021-01-14",
    "2021-01-14 00:00:00", "14/01/2021", "12:00", "=1+1", "'=1+1", '=HYPERLINK("https://evil.example")', "\t=1", " ＝1",
    '{"title": "x"}', '"', '["a", null]', "<r><t>x</t></r>", "<r></b></r>", "_x0041_x0042_", "_x005F_x0041_", "{total}",
    "{total} {total}", "#N/A", "#REF!", "code", "Code", "withdrawn", "attained", "no_status", "en", "L1M1D1", "5",
    "a\u2028b", "one\r\ntwo\rthree", "e\u200b\u0301", "\u202eabc", "<b>&lt;</b>", "{{7*7}}", "- one\n- two", "\ufeffx",
    "''", "[]",
]  # fmt: skip

any_text = st.one_of(
    st.sampled_from(WHOLE), st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text(max_size=12)
)

THEMES = ["theme", "other theme"]
PLAN_FIELDS = ["title", "subtitle", "headline", "acknowledgement", "goals_introduction"]
REQUIRED = ["name", "title", "line", "measure", *THEMES, "D1", "D2", "D3", "D4", "reworded", "decision"]
OPTIONAL = [*PLAN_FIELDS[1:], "full_name", "address", "note 1", "note 2", "note 3", "evidence", "link"]
some_text = any_text.filter(normalise)  # something is left of it
own_texts = st.fixed_dictionaries(dict.fromkeys(REQUIRED, some_text) | dict.fromkeys(OPTIONAL, any_text))
one_text = some_text.map(lambda text: dict.fromkeys(REQUIRED + OPTIONAL, text))
# What somebody types into every field of a plan, its reports and its decisions, and as their translations.
plan_texts = st.fixed_dictionaries({
    "typed": own_texts | one_text,
    "es": st.lists(any_text, min_size=3, max_size=3),
    "fr": st.lists(any_text, min_size=1, max_size=1),
})  # fmt: skip

# The settings of a check that must find a fault: the same texts each time, and none in search of a shorter one.
UNTIL_THE_FIRST_FAILURE = {"phases": [Phase.generate], "derandomize": True, "database": None}


def on_any_texts(max_examples, **options):
    """Run a check on plans with generated texts, each in a transaction that is rolled back.

    The check gets the plan, written by `plan_with`.
    """
    slow = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]

    def decorate(check):
        @settings(max_examples=max_examples, deadline=None, suppress_health_check=slow, **options)
        @given(texts=plan_texts)
        def on_examples(sofia, texts):
            with transaction.atomic():
                check(plan_with(texts, by=sofia))
                transaction.set_rollback(True)

        return on_examples

    return decorate


def plan_with(texts, *, by):
    """Return a plan with these texts, each written as the tracker does it, which normalises them.

    One measure with two themes has four deliverables: one in progress, one attained, one not developed and reworded by
    a decision, and one without a status.
    """
    typed, plan = texts["typed"], new_plan(deliverables=0, visibility=Visibility.DRAFT)
    save(plan.organisation, **{name: typed[name] for name in ("name", "full_name", "address")})
    save(plan, **{name: typed[name] for name in PLAN_FIELDS})

    line = plan.action_lines.get()
    measure = line.measures.get()
    save(line, title=typed["line"])
    save(measure, statement=typed["measure"])
    measure.themes.set([save(Theme(slug=slugify(name)), name=theme_name(typed[name])) for name in THEMES])
    rows = [save(Deliverable(measure=measure, number=number), title=typed[f"D{number}"]) for number in range(1, 5)]

    evidence = {"evidence_title": typed["evidence"], "evidence_link": web_address(typed["link"])}
    report(rows[0], "in_progress", by=by, note=typed["note 1"])
    report(rows[1], "attained", by=by, note=typed["note 2"], **evidence)
    report(rows[2], "not_developed", by=by, note=typed["note 3"], reason="postponed")

    plan = save(Plan.objects.get(pk=plan.pk), visibility=Visibility.PUBLIC)
    decision = Decision(typed["decision"], date(2022, 1, 1), web_address(typed["link"]))
    structure.save_part(changed(rows[2], title=typed["reworded"]), by=by, fields=["title"], decision=decision)
    translate(summarise(Plan.objects.get(pk=plan.pk), TODAY, today=TODAY), texts, by=by)
    return Plan.objects.get(pk=plan.pk)


def changed(row, **fields):
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def save(row, **fields):
    """Save a row as its form does: normalised and checked."""
    changed(row, **fields).clean_fields()
    row.clean()
    row.save()
    return row


def theme_name(text):
    """Return a text as far as it can name a theme: it is short, and spreadsheets separate themes by semicolons."""
    return normalise(text.replace(";", ",")[:25]) or "x"


def web_address(text):
    return "https://metropolis.example/" + "".join(normalise(text).split())


def translate(summary, texts, *, by):
    """Translate the texts of a plan, as far as the form allows it: the names of themes stay different."""
    for language in ("es", "fr"):
        translations = dict(zip(summary.texts, cycle(texts[language]), strict=False))
        for number, theme in enumerate(summary.themes):
            translations[theme.name] = f"{theme_name(translations[theme.name])} {number}"
        Translation.objects.set_translations(summary.plan, language, translations, by=by)
