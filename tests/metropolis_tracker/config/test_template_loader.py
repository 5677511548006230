"""Templates without the blanks that only people need."""

import pytest
from django.template import Context, Template
from django.template.loader import get_template


def loaded(tmp_path, settings, text, name="page.html", **context):
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    (tmp_path / name).write_text(text)
    return get_template(name).render(context)


@pytest.mark.parametrize("is_shown", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "<b>\n  {% if shown %}\n    1 of\n    {{ total }}\n  {% endif %}\n  2\n</b>",
        "<p>\n  {% if shown %}·{% endif %}\n  {% translate 'Since' as since %}\n  {{ since }}\n</p>",
        "{# A comment. #}\n<p\n  {% if shown %}hidden{% endif %}\n  lang='en'\n>\n</p>",
    ],
)
def test_a_page_keeps_its_words_and_a_blank_between_them(tmp_path, settings, text, is_shown):
    shown = loaded(tmp_path, settings, text, shown=is_shown, total=3)
    assert shown.split() == Template(text).render(Context({"shown": is_shown, "total": 3})).split()


def test_lines_are_not_indented_and_none_is_empty(tmp_path, settings):
    text = "<ul>\n  {% for row in rows %}\n    <li>{{ row }}</li>\n  {% endfor %}\n</ul>\n"
    assert loaded(tmp_path, settings, text, rows=[1, 2]) == "<ul>\n<li>1</li>\n<li>2</li>\n</ul>\n"


def test_a_text_of_a_mail_stays_as_it_is(tmp_path, settings):
    assert loaded(tmp_path, settings, "A\n\n  B\n", name="mail.txt") == "A\n\n  B\n"
