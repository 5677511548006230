import pytest
from django.urls import reverse
from lxml import html

from metropolis_tracker.accounts.roles import Role
from metropolis_tracker.views import GUIDES

pytestmark = pytest.mark.django_db


def test_there_is_a_guide_for_everyone_and_for_each_role():
    assert [label for label, _page in GUIDES.values()] == ["Everyone", *Role.labels]


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_is_public_and_short(visitor, name):
    text = visitor.get(f"/help/{name}/").content.decode()
    guide = text[text.index('class="guide') : text.index("</main>")]
    assert 80 < len(guide.split()) < 600


def test_an_unknown_guide_is_not_found(visitor):
    assert visitor.get("/help/nobody/").status_code == 404


def test_pages_link_to_the_help(visitor):
    assert f'href="{reverse("help")}"' in visitor.get("/plans/2018-2020/").content.decode()


# Search engines


def test_search_engines_leave_out_accounts_and_filtered_lists(client):
    response = client.get("/robots.txt")
    assert (response.status_code, response["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert response.content.decode().splitlines() == [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /accounts/",
        "Disallow: /es/accounts/",
        "Disallow: /fr/accounts/",
        "Disallow: /*?",
        "Allow: /*?page=",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/plans/2018-2020/", "/plans/2018-2020/"),
        ("/plans/2018-2020/deliverables/?status=attained&sort=-title&page=1", "/plans/2018-2020/deliverables/"),
        ("/plans/2018-2020/deliverables/?page=1", "/plans/2018-2020/deliverables/?page=1"),
        ("/es/plans/2018-2020/L2M5D1/?as_of=2019-12-31", "/es/plans/2018-2020/L2M5D1/"),
        ("/plans/2018-2020/changes/?from=2019-01-01&to=2020-01-01", "/plans/2018-2020/changes/"),
    ],
)
def test_a_filtered_page_names_the_page_it_is_a_part_of(visitor, path, canonical):
    page = html.fromstring(visitor.get(path).content)
    assert page.xpath("//link[@rel='canonical']/@href") == [f"http://127.0.0.1:8000{canonical}"]
