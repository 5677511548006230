import pytest
from django.urls import reverse

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
