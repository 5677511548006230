"""Behind a real nginx that caches whatever it may, nothing of one person reaches another. It ignores our nginx.conf.

That file makes nginx leave alone whoever is signed in. Here only the headers of the tracker do.
"""

import re
import shutil
import subprocess
import urllib.request
from contextlib import contextmanager

import pytest

from tests.server import free_port, manage, prepared_environment, serving, wait_for

pytestmark = pytest.mark.once
PLAN = "/plans/2018-2020/"
PAGES = ["", "deliverables/", "L1M1D1/", "todo/", "changes/", "reports/", "summary.csv"]
CONFIGURATION = """
daemon off; error_log stderr error; pid {folder}/nginx.pid; user root;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    proxy_cache_path {folder}/cache keys_zone=all:1m use_temp_path=off;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass {tracker}; proxy_set_header Host $http_host; proxy_cache all; proxy_cache_revalidate on;
            add_header X-Cache $upstream_cache_status always;
        }}
    }}
}}
"""
PEOPLE = """
from tests.conftest import browser_of, person
from metropolis_tracker.accounts.roles import Role
for name in ("Sofia Marín", "Beatriz Soler"):
    print("session", browser_of(person(name, Role.SECRETARIAT)).cookies["sessionid"].value)
"""


@contextmanager
def nginx(tracker, folder):
    """Run nginx before the tracker. Gives its address."""
    port = free_port()
    path = folder / "nginx.conf"
    path.write_text(CONFIGURATION.format(folder=folder, port=port, tracker=tracker))
    server = subprocess.Popen([shutil.which("nginx") or "nginx", "-c", str(path), "-p", str(folder)])
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def ask(address, cookie=""):
    """The page, and what the cache had to do with it."""
    response = urllib.request.urlopen(urllib.request.Request(address, headers={"Cookie": cookie}))
    return response.read().decode(), response.headers["X-Cache"]


def test_a_cache_keeps_pages_of_visitors_alone(tmp_path):
    environment = prepared_environment(tmp_path / "tracker")
    said = manage(environment, "shell", "--verbosity", "0", input=PEOPLE)
    sofia, beatriz = (f"sessionid={session}" for session in re.findall(r"session (\w+)", said))
    names = ("Sofia Marín", "Beatriz Soler")
    with serving(environment) as tracker, nginx(tracker, tmp_path) as address:
        for page in PAGES:
            is_for_visitors = page != "todo/"
            for cookie, own in [(sofia, names[:1]), (beatriz, names[1:]), (sofia, names[:1])]:
                text, cache = ask(address + PLAN + page, cookie)
                assert cache != "HIT", page
                assert page == "summary.csv" or [name for name in names if name in text] == list(own), page
            if is_for_visitors:
                shown = [ask(address + PLAN + page) for _time in range(2)]
                assert [name for name in names for text, _cache in shown if name in text] == [], page
                assert shown[1][1] == "HIT", page
