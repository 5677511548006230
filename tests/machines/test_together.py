"""What is done on one machine holds on the other: records, sessions, limits, mail and reporting rounds."""

import re
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from contextlib import closing
from ipaddress import ip_network

from tests.crashes.load import sessions
from tests.machines.nodes import machines
from tests.machines.traffic import PLAN, post_sign_in
from tests.server import IS_LONG, PRODUCTION, manage, sign_in
from tests.test_no_lost_update import Recorder

RECORDS = 20 if IS_LONG else 3
FOLLOWER_NUMBER = 200 if IS_LONG else 20
WITHIN = 1.0  # seconds
PAGE = f"{PLAN}L2M5D1/"
# Each says how the deliverable stands, to visitors and to members.
PAGES = ["", "deliverables/", "L2M5D1/", "L2M5/", "L2/", "changes/"]
FILES = ["history.json", "summary.json"]  # for visitors alone
ADDRESSES = map(str, ip_network("198.18.0.0/15"))  # of visitors, a new one each time: one may have few files made
PASSWORD = "correct horse battery"
PEOPLE = f"""
from metropolis_tracker.accounts.models import User
for name in ("ana", "ben"):
    user = User.objects.create_user(f"{{name}}@metropolis.example", name=name.title(), role="Secretariat")
    user.set_password("{PASSWORD}")
    user.save()
"""
# Beside the example plan with its open round: many who follow it, and get a digest today.
FOLLOWERS = """
from datetime import timedelta
from django.utils import timezone
from metropolis_tracker.accounts.models import User
from plans.models import Plan
from reports.mail.models import Follow
plan = Plan.objects.order_by("starts_on").last()
for number in range({number}):
    person = User.objects.create_user(f"f{{number}}@metropolis.example", name=f"F {{number}}", role="Board")
    Follow.objects.create(person=person, plan=plan, last_digest_at=timezone.now() - timedelta(days=8))
"""


def is_signed_in(node, cookie):
    """Return whether both workers of a machine take the cookie of a session."""
    path = "/accounts/sessions/"
    asked = urllib.request.Request(f"{node.address}{path}", headers={"Cookie": cookie})
    return all("/login/" not in urllib.request.urlopen(asked).geturl() for _worker in range(4))


def sign_out(address, cookie):
    with closing(Recorder(address, session="")) as person:
        person.cookies = dict(part.split("=", 1) for part in cookie.split("; "))
        page = person.ask("GET", "/accounts/logout/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        assert person.ask("POST", "/accounts/logout/", csrfmiddlewaretoken=token)[0] == 302


def read(address, page, session):
    """Return a page of the plan, for the member with this session or for visitors, without what differs each time."""
    with closing(Recorder(address, session)) as reader:
        reader.cookies = {"sessionid": session} if session else {}
        reader.more = reader.more | {"X-Forwarded-For": next(ADDRESSES)}
        status, text = reader.ask("GET", PLAN + page)
        assert status == 200, page
        return re.sub(r'"[\w-]{36,}"', "", text)  # the tokens of forms


def outdated(here, there, session, note):
    """Record on one machine. Return the pages of the other one that have not changed a second later."""
    shown = [*((page, "") for page in PAGES + FILES), *((page, session) for page in PAGES)]
    before = {each: read(there.address, *each) for each in shown}
    with closing(Recorder(here.address, session)) as person:
        form = person.ask("GET", PAGE)[1].partition('id="record"')[2]
        fields = dict(re.findall(r'name="(csrfmiddlewaretoken|seen)" value="([^"]+)"', form))
        status = "attained" if note.endswith(("0", "2", "4", "6", "8")) else "in_progress"
        fields |= {"status": status, "effective_on": "2021-03-01", "note": note}
        assert person.ask("POST", f"{PAGE}status/", **fields)[0] == 302
    time.sleep(WITHIN)
    return [
        page for (page, who), text in before.items() for _worker in "1234" if read(there.address, page, who) == text
    ]


def outdated_pages(folder, application=PRODUCTION):
    """Record again and again, on one machine and then on the other. Return the pages that were out of date."""
    with machines(folder, application=application) as all_:
        session, *_others = sessions(all_.nodes[0].environment)
        found = [
            page
            for number in range(RECORDS)
            for page in outdated(*all_.nodes[:: 1 if number % 2 else -1], session, f"Seen everywhere {number}")
        ]
    looks = 4 * (2 * len(PAGES) + len(FILES))
    print(f"\n{RECORDS} records, each looked for {looks} times on the other machine: {len(found)} outdated")
    return found


def test_a_record_is_on_every_page_of_the_other_machine_within_a_second(tmp_path):
    assert outdated_pages(tmp_path) == []


def sign_in_everywhere(folder, application=PRODUCTION):
    """Return where Ana is signed in, before and after she signs out elsewhere, and how often Ben may guess."""
    with machines(folder, application=application) as all_:
        here, there = all_.nodes
        manage(here.environment, "shell", "-v", "0", input=PEOPLE)
        cookie = sign_in(here.address, "ana@metropolis.example", PASSWORD)
        before = [is_signed_in(node, cookie) for node in all_.nodes]
        sign_out(there.address, cookie)
        after = [is_signed_in(node, cookie) for node in all_.nodes]
        wrong = {"login": "ben@metropolis.example", "password": "wrong"}
        guesses = [post_sign_in(all_.nodes[number % 2].address, wrong) for number in range(6)]
    print(f"\nsigned in {before}, after signing out on the other machine {after}; wrong passwords {guesses}")
    return before, after, guesses


HELD_EVERYWHERE = ([True, True], [False, False], [200] * 5 + [429])


def test_sessions_and_limits_hold_on_both_machines(tmp_path):
    assert sign_in_everywhere(tmp_path) == HELD_EVERYWHERE


def run_two_timers(folder, program="manage.py"):
    """Let both machines send at the same time, again and again. Return how often each letter was sent."""
    with machines(folder) as all_:
        environment = all_.nodes[0].environment
        subprocess.run([sys.executable, "-m", "tests.demo"], env=environment, check=True, capture_output=True)
        manage(environment, "shell", "-v", "0", input=FOLLOWERS.format(number=FOLLOWER_NUMBER))
        for command in ("send_messages", "send_reminders", "send_messages", "send_reminders"):
            both = [
                subprocess.Popen([sys.executable, program, command], env=node.environment, stdout=subprocess.DEVNULL)
                for node in all_.nodes
            ]
            assert [process.wait(120) for process in both] == [0, 0]
        sent = Counter(all_.letters.sent)
    kinds = Counter(re.sub(r"\d+", "n", subject) for *_people, subject in sent)
    print(f"\ntwo timers at once: {len(sent)} letters, {sum(sent.values())} sent; {dict(kinds)}")
    return sent


def test_two_timers_send_nothing_twice(tmp_path):
    sent = run_two_timers(tmp_path)
    assert len(sent) >= FOLLOWER_NUMBER + 3  # the digests, the questions of the round, and reminders
    assert {letter: number for letter, number in sent.items() if number > 1} == {}
