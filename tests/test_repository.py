"""The repository is tested too: what is written about the code must be true of it."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command

ORDER = ["metropolis_tracker", "reports", "deliverables", "plans"]
TRACKED = [
    Path(name)
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    if Path(name).exists()
]
SOURCES = [path for path in TRACKED if path.suffix == ".py" and path.parts[0] in ORDER]
TEMPLATES = [path for path in TRACKED if path.suffix == ".html"]


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_imports_go_one_way(path):
    above = ORDER[: ORDER.index(path.parts[0])]
    found = {name.split(".")[0] for name in imports(ast.parse(path.read_text(encoding="utf-8")))}
    assert found & set(above) == set()


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_imports_stand_at_the_top(path):
    functions = [n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, ast.FunctionDef)]
    assert [name for function in functions for name in imports(function)] == []


@pytest.mark.django_db
def test_no_migration_is_missing():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_template_is_used():
    code = "".join(path.read_text(encoding="utf-8") for path in SOURCES + TEMPLATES)
    called_by_name = {"400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"}
    replacing_others = ("account/", "admin/", "allauth/", "django/", "mfa/", "usersessions/")
    names = {path.relative_to("templates").as_posix() for path in TEMPLATES}
    ours = {name for name in names - called_by_name if not name.startswith(replacing_others)}
    assert {name for name in ours if f'"{name}"' not in code} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_templates_hold_no_inline_style_or_script(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)", text) == []


def test_every_dependency_says_why_it_is_there():
    text = Path("pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)["project"]
    named = [*project["dependencies"], *(name for extra in project["optional-dependencies"].values() for name in extra)]
    lines = text.splitlines()
    unexplained = [name for name in named if not any(f'"{name}"' in line and "#" in line for line in lines)]
    assert unexplained == []


def test_every_dependency_is_locked_with_hashes():
    text = Path(".ci/requirements.txt").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z][\w.-]*(?:\[\w+\])?==\S+", text, re.M)
    assert len(packages) == len(re.findall(r"^[a-z][^\n]*\\\n    --hash=sha256:", text, re.M))
    named = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    wanted = {re.match(r"[\w-]+", name)[0] for name in named}
    assert wanted - {re.match(r"[\w-]+", package)[0] for package in packages} == set()


def settings_read():
    source = Path("metropolis_tracker/settings.py").read_text(encoding="utf-8")
    return set(re.findall(r"""env(?:\.\w+)?\(\s*["']([A-Z_]+)["']""", source))


def test_every_setting_is_in_the_readme_and_no_other():
    readme = Path("README.md").read_text(encoding="utf-8")
    table = readme[readme.index("## Settings") : readme.index("## Deploying")]
    assert set(re.findall(r"^\| `([A-Z_]+)`", table, re.M)) == settings_read() | {"WORKERS"}


def test_every_make_target_in_the_readme_exists():
    makefile = Path("Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.M))
    assert set(re.findall(r"`make ([a-z]+)`", Path("README.md").read_text(encoding="utf-8"))) - targets == set()


def test_every_manage_command_in_the_readme_exists():
    named = set(re.findall(r"manage\.py ([a-z_]+)", Path("README.md").read_text(encoding="utf-8")))
    ours = {path.stem for path in TRACKED if "management/commands" in str(path)}
    assert named - ours - {"collectstatic", "check", "migrate"} == set()


def test_no_path_of_a_machine_is_committed():
    texts = {path: path.read_text(encoding="utf-8", errors="ignore") for path in TRACKED if path.suffix != ".png"}
    pattern = re.compile(r"/(?:work|root|home)/\w|index-url\s*=|https?://\S+\.(?:whl|tgz)\b")
    assert {str(path) for path, text in texts.items() if pattern.search(text)} == set()


def test_what_is_said_to_show_security_exists():
    """Each test, setting and file that `docs/security.md` names."""
    lines = Path("docs/security.md").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if re.match(r"\| \d", line)]
    named = [name for row in rows for name in re.findall(r"`([^`]+)`", row)]
    settings = Path("metropolis_tracker/settings.py").read_text(encoding="utf-8")
    tests = {name for name in named if name.startswith("tests/")}
    missing = {name for name in tests if not is_there(*name.split("::"))}
    shown = {name for row in rows for name in re.findall(r"`([A-Z_]{6,})`", row.split("|")[-2])}
    assert (missing, {name for name in shown if name not in settings}) == (set(), set())
    assert len(tests) > 40


def is_there(path, test=""):
    return Path(path).exists() and (not test or f"def {test}(" in Path(path).read_text(encoding="utf-8"))
