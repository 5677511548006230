"""What the served application imports before anybody asks for anything."""

import subprocess
import sys

from tests.server import prepared_environment

LARGE = """
    redis typst pptx docx xlsxwriter PIL python_calamine pypdf segno fontTools icalendar
    requests jwt allauth.socialaccount sentry_sdk
"""
CODE = f"""
import sys
from metropolis_tracker import wsgi
from django.urls import get_resolver
get_resolver().reverse_dict  # loads every module of URLs and views
print(sorted(set({LARGE.split()}) & sys.modules.keys()))
"""


def loaded(environment):
    command = [sys.executable, "-c", CODE]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_packages_that_only_files_need_are_not_imported_at_the_start(tmp_path):
    assert loaded(prepared_environment(tmp_path)) == "[]\n"
