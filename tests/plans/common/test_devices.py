import pytest

from plans.common.devices import device_name

MOZILLA = "Mozilla/5.0 "
LIKE_GECKO = "AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (MOZILLA + "(Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        (MOZILLA + "(X11; Linux x86_64) " + LIKE_GECKO + "Chrome/140.0.0.0 Safari/537.36", "Chrome, Linux"),
        (MOZILLA + "(Windows NT 10.0) " + LIKE_GECKO + "Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        (MOZILLA + "(iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1", "Safari, iPhone"),
        (MOZILLA + "(Linux; Android 16) " + LIKE_GECKO + "Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        (MOZILLA + "(Macintosh; Intel Mac OS X 15_0) Version/19.0 Safari/605.1.15", "Safari, macOS"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(user_agent, name):
    assert device_name(user_agent) == name
