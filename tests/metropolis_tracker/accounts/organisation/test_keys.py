"""The provider's description and keys, which each process remembers for some minutes."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.oidc import Browser, heading

DESCRIPTION, KEYS = "/.well-known/openid-configuration", "/keys"
UNKNOWN_KEY = rsa.generate_private_key(65537, 2048)


def asked(provider, path):
    return sum(1 for each in provider.asked if each == path)


def test_they_are_asked_for_once_by_many_sign_ins(new_tracker, provider):
    before = asked(provider, DESCRIPTION), asked(provider, KEYS)
    for _number in range(3):
        someone = Browser(new_tracker.address)
        someone.sign_in()
        assert someone.person == "sofia@metropolis.example"
    assert (asked(provider, DESCRIPTION), asked(provider, KEYS)) == (before[0] + 1, before[1] + 1)


def test_a_token_of_an_unknown_key_asks_again_at_most_once_a_minute(new_tracker, provider):
    Browser(new_tracker.address).sign_in()
    before = asked(provider, KEYS)
    provider.be(key=UNKNOWN_KEY, kid="unknown")
    assert {heading(Browser(new_tracker.address).sign_in())[0] for _number in range(2)} == {502}
    assert asked(provider, KEYS) == before


REMEMBERED = """
import time
from metropolis_tracker.accounts.organisation.provider import keys_for, remembered
remembered["{url}"] = time.monotonic() - {seconds}, {{"keys": []}}
print(*(key["kid"] for key in keys_for("{token}", "{url}")["keys"]))
"""


@pytest.mark.parametrize(("seconds", "kids"), [(61, "one"), (50, "")])
def test_new_keys_of_the_provider_count_after_a_minute(tracker, provider, seconds, kids):
    token = jwt.encode({}, provider.key, "RS256", headers={"kid": "one"})
    assert tracker.run(REMEMBERED.format(url=provider.url + KEYS, seconds=seconds, token=token)) == kids
