"""Nu HTML checker and Lighthouse over the tracker as it is served: `make audit`. Wants Node and Java.

Prints each finding and the scores, and ends with an error where a page is not valid or a score lies below 99.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import django
from playwright.sync_api import sync_playwright

from tests.browser.pages import OPEN, PLAN, SIGNED_IN, in_language

TOOLS = Path(".venv/audit/node_modules")
LEAST = 99
SCORED = [PLAN, PLAN + "deliverables/", PLAN + "L2M5D1/"]
FLAGS = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
FLAGS += "--disable-component-update --disable-sync"
NOT_PAGES = {"summary/"}


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metropolis_tracker.settings")
    django.setup()
    from tests.server import fresh_environment, manage, serving  # noqa: PLC0415 (wants the settings)

    with tempfile.TemporaryDirectory() as folder:
        environment = fresh_environment(Path(folder))
        manage(environment, "collectstatic", "--no-input", "--verbosity", "0")
        password = manage(environment, "prepare").split("password ")[1].split()[0]
        with serving(environment) as address:
            invalid = validity_of(save_pages(address, password, Path(folder) / "pages"))
            scores = [score for path in SCORED for score in scores_of(address, path)]
    sys.exit(1 if invalid or min(scores) < LEAST else 0)


def save_pages(address, password, folder):
    """Each page as the browser has it after its scripts ran, in a file each; in the three languages those for all."""
    folder.mkdir()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=FLAGS.split())
        page = browser.new_page()
        paths = [in_language(path, language) for path in OPEN for language in ("en", "es", "fr")]
        save(page, address, paths, folder, "open")
        page.goto(address + "/accounts/login/")
        page.fill("#id_login", "administrator@metropolis.example")
        page.fill("#id_password", password)
        page.click("main button")
        save(page, address, [path for path in SIGNED_IN if PLAN in path or path.startswith("/help")], folder, "in")
        browser.close()
    return folder


def save(page, address, paths, folder, who):
    for number, path in enumerate(paths):
        content = page.request.get(address + path).text()
        name = path.strip("/").replace("/", "_").replace("?", "_").replace("&", "_").replace("=", "-")
        (folder / f"{who}-{number:03}-{name}.html").write_text(content, encoding="utf-8")


def validity_of(folder):
    """How many findings the Nu HTML checker has; prints each."""
    jar = TOOLS / "vnu-jar/build/dist/vnu.jar"
    command = ["java", "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always", str(folder)]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)["messages"]
    for message in found:
        print(Path(message["url"]).name, message["type"], message["message"], message.get("extract", "")[:160])
    print(f"Nu HTML checker: {len(list(folder.iterdir()))} pages, {len(found)} findings")
    return len(found)


def scores_of(address, path):
    """The scores of a page in Lighthouse's categories, in percent; prints them."""
    command = ["node", str(TOOLS / "lighthouse/cli/index.js"), address + path, "--quiet", "--output=json"]
    command += [f"--chrome-flags={FLAGS}", "--only-categories=performance,accessibility,best-practices,seo"]
    environment = os.environ | {"CHROME_PATH": os.environ["CHROMIUM"]}
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout)
    scores = {name: round(100 * category["score"]) for name, category in report["categories"].items()}
    shift = report["audits"]["cumulative-layout-shift"]["displayValue"]
    weight = report["audits"]["total-byte-weight"]["displayValue"]
    print(f"Lighthouse {path}: {scores}; layout shift {shift}, {weight}")
    return scores.values()


if __name__ == "__main__":
    main()
