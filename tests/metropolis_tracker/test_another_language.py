"""Another language is a line in settings and a locale folder: no migration, and nothing else to change in the code."""

import subprocess
import sys

from tests.server import fresh_environment

GERMAN = """
import os
from metropolis_tracker import settings
settings.LANGUAGES.append(("de", "Deutsch"))
settings.ALLOWED_HOSTS.append("testserver")
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("makemigrations", check=True, dry_run=True)
call_command("prepare", verbosity=0)
from metropolis_tracker.accounts.models import User
client = Client()
client.force_login(User.objects.get())
page = client.get("/plans/2018-2020/edit/translations/de/").content.decode()
print("heading", "The plan in German" in page)
print("address", 'lang="de"' in Client().get("/de/plans/2018-2020/").content.decode())
print("edition", 'name="title_de"' in client.get("/plans/2018-2020/editions/new/").content.decode())
"""


def test_german_takes_a_line_in_settings(tmp_path):
    environment = fresh_environment(tmp_path)
    done = subprocess.run([sys.executable, "-c", GERMAN], env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-3:] == ["heading True", "address True", "edition True"], done.stderr
