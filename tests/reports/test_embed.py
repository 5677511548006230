import re
from datetime import date

import pytest

from plans.models import Plan, Visibility
from reports.figures.summary import summarise
from tests.builders import TODAY, new_plan

pytestmark = pytest.mark.django_db
EMBED = "/plans/2018-2020/embed/"


def text_of(response):
    return response.content.decode()


def figures(text):
    return [int(number) for number in re.findall(r"<b>(\d+)</b>", text)]


def blocks(text):
    """Return how many blocks are drawn of each status."""
    paths = re.findall(r'<path class="(?:frame )?(\w+)"[^>]* d="([^"]*)"', text)
    return {status: path.count("z") for status, path in paths}


def test_the_figures_are_those_of_the_summary(visitor, plan):
    counts = summarise(plan, today=TODAY).counts
    text = text_of(visitor.get(EMBED))
    assert figures(text) == [counts.attained, counts.in_progress, counts.not_developed] == [49, 10, 6]
    assert blocks(text) == {"attained": 49, "in_progress": 10, "not_developed": 6}
    assert f'aria-label="{counts}"' in text


def test_as_of_a_date_the_figures_are_those_of_that_date(visitor, plan):
    counts = summarise(plan, date(2019, 6, 1), today=TODAY).counts
    text = text_of(visitor.get(EMBED + "?as_of=2019-06-01"))
    assert figures(text) == [part.count for part in counts.parts]
    assert 'href="/plans/2018-2020/?as_of=2019-06-01"' in text


def test_every_link_opens_in_the_whole_window(visitor, plan):
    links = re.findall(r"<a [^>]*>", text_of(visitor.get(EMBED)))
    assert len(links) == 5
    assert [link for link in links if 'target="_top" rel="noopener"' not in link] == []


def test_it_speaks_the_language_of_its_address(visitor, plan):
    assert '<html lang="fr">' in text_of(visitor.get("/fr" + EMBED))


def test_no_cookie_is_read_or_set(board, visitor, beatriz):
    beatriz.language = "es"
    beatriz.save()
    answers = [client.get(EMBED) for client in (visitor, board)]
    assert text_of(answers[0]) == text_of(answers[1])
    assert [answer.headers["Vary"] for answer in answers] == ["Accept-Encoding"] * 2
    assert [len(answer.cookies) for answer in answers] == [0, 0]


@pytest.mark.parametrize("visibility", [Visibility.MEMBERS, Visibility.DRAFT])
def test_a_plan_that_is_not_public_is_not_found_by_anybody(visitor, secretariat, visibility):
    Plan.objects.update(visibility=visibility)
    assert [client.get(EMBED).status_code for client in (visitor, secretariat)] == [404, 404]


def test_it_is_small_and_loads_nothing_else(visitor, plan):
    response = visitor.get(EMBED)
    assert len(response.content) < 10_000
    assert re.findall(r"<(?:link|script|img)\b|url\(|\ssrc=", text_of(response)) == []


def test_of_many_outcomes_it_does_not_say_that_each_has_a_block(visitor):
    new_plan(deliverables=121)
    text = text_of(visitor.get("/plans/2021-2023/embed/"))
    assert (blocks(text), "One block" in text) == ({"no_status": 1}, False)


def test_a_plan_without_outcomes_has_no_blocks(visitor):
    new_plan(deliverables=0)
    text = text_of(visitor.get("/plans/2021-2023/embed/"))
    assert (figures(text), "<svg" in text, "One block" in text) == ([0, 0, 0], False, False)


def test_the_reports_page_gives_the_code_to_copy(visitor, plan, settings):
    text = text_of(visitor.get("/es/plans/2018-2020/reports/"))
    assert f"&lt;iframe src=&quot;{settings.SITE_URL}/es/plans/2018-2020/embed/&quot; title=&quot;" in text


def test_the_code_is_not_offered_for_a_plan_that_is_not_public(secretariat):
    Plan.objects.update(visibility=Visibility.MEMBERS)
    assert "iframe" not in text_of(secretariat.get("/plans/2018-2020/reports/"))


def test_a_plan_whose_address_is_embed_is_for_its_readers(board):
    new_plan("embed", visibility=Visibility.MEMBERS)
    assert board.get("/plans/embed/").status_code == 200
