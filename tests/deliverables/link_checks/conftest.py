import pytest

from tests.deliverables.link_checks.internet import Internet


@pytest.fixture
def internet():
    internet = Internet()
    yield internet
    internet.close()
