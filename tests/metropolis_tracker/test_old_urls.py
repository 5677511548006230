"""URLs of earlier releases redirect permanently to where their pages are now."""

import pytest

PLAN = "/plans/2018-2020/"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("work/", "todo/"),
        ("work/?who=all", "todo/?who=all"),
        ("deliverables/many/?row=L1M1D1", "deliverables/bulk/?row=L1M1D1"),
        ("edit/words/es/?missing=1", "edit/translations/es/?missing=1"),
        ("deliverables/?line=L1&gap=overdue", "deliverables/?line=L1&attention=overdue"),
    ],
)
@pytest.mark.parametrize("language", ["", "/es"])
def test_an_old_url_redirects_permanently_with_its_query(visitor, language, old, new):
    response = visitor.get(language + PLAN + old)
    assert (response.status_code, response["Location"]) == (301, language + PLAN + new)


def test_a_forged_unsubscribe_link_of_an_old_mail_is_404(visitor):
    assert visitor.get("/mail/stop/forged/").status_code == 404
    assert visitor.post("/mail/stop/forged/").status_code == 404
