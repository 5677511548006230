"""Two trackers with people: one whose provider is oidc-provider-mock, one whose provider is that of the tests."""

import pytest

from tests.oidc import environment_with, own_provider, provider_of_others, register, tracker_with
from tests.server import prepared_environment


@pytest.fixture(scope="session")
def provider():
    with own_provider() as provider:
        yield provider


@pytest.fixture(scope="session")
def tracker(provider, django_db_setup, tmp_path_factory):
    """The tracker of the tests' own provider."""
    folder = tmp_path_factory.mktemp("own")
    with tracker_with(environment_with(prepared_environment(folder), provider.url), folder) as tracker:
        tracker.add("sofia@metropolis.example")
        yield tracker


@pytest.fixture
def new_tracker(provider, django_db_setup, tmp_path):
    """A tracker of the tests' own provider that has not asked it anything yet."""
    with tracker_with(environment_with(prepared_environment(tmp_path), provider.url), tmp_path) as tracker:
        tracker.add("sofia@metropolis.example")
        yield tracker
        provider.be()


@pytest.fixture(scope="session")
def url():
    """The address of oidc-provider-mock."""
    with provider_of_others() as url:
        yield url


@pytest.fixture(scope="session")
def office(url, django_db_setup, tmp_path_factory):
    """The tracker of oidc-provider-mock."""
    folder = tmp_path_factory.mktemp("office")
    environment = prepared_environment(folder)
    environment = environment_with(environment, url) | register(url, environment)
    with tracker_with(environment, folder) as tracker:
        tracker.add(*(f"nadia{number}@metropolis.example" for number in range(1, 21)))
        yield tracker
