"""The repository is tested too: what is written about the code must be true of it."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands

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
DOCUMENTS = [path for path in TRACKED if path.suffix == ".md"]


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


# Inside each app: a folder or module may import from those after it, never from those before it.
FLOORS = {
    "metropolis_tracker": [
        "wsgi", "urls", "old_urls", "settings", "management", "service_manager", "metrics", "prepared_state", "admin",
        "apps", "views", "health", "error_pages", "backups", "accounts", "translation_files", "database_version",
        "middleware", "config", "formats",
    ],
    "reports": [
        "urls", "management", "models", "regions", "rounds", "translating", "mail", "editions", "imports", "views",
        "embed", "files", "forms", "baselines", "figures", "apps",
    ],
    "deliverables": [
        "urls", "management", "admin", "apps", "link_checks", "todo", "takedown", "recording", "plan_editing", "views",
        "filters", "rounds", "proposals", "forms", "evidence", "search", "verification", "rows", "attention",
        "models", "counts", "units", "status",
    ],
    "plans": [
        "admin", "apps", "templatetags", "page_cache", "member_pages", "file_limits", "access", "models", "meetings",
        "regions", "form_drafts", "translations", "cache_entries", "memory", "codes", "common",
    ],
}  # fmt: skip


def units_imported(app, tree):
    """Yield the folders and modules of an app that a file of it imports from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == app:
            unit = node.module.split(".")[1:2]
            yield from unit or (alias.name for alias in node.names)


@pytest.mark.parametrize("path", [path for path in SOURCES if len(path.parts) > 1], ids=str)
def test_imports_inside_an_app_go_one_way(path):
    app, unit = path.parts[0], path.parts[1].removesuffix(".py")
    if unit in ("migrations", "__init__"):
        return
    floors = FLOORS[app]
    imported = set(units_imported(app, ast.parse(path.read_text(encoding="utf-8")))) - {unit}
    assert imported <= set(floors[floors.index(unit) + 1 :])


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
    assert re.findall(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\s(?:src=|type=\"application/json\"))", text) == []


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


@pytest.mark.parametrize("name", ["optional", "test"])
def test_the_other_lock_files_lock_the_same_versions(name):
    first, other = (
        set(re.findall(r"^[a-z][\w.-]*==\S+", Path(path).read_text(encoding="utf-8"), re.M))
        for path in (".ci/requirements.txt", f".ci/requirements-{name}.txt")
    )
    assert first - other == set()
    assert len(other) > len(first) > 20


def settings_read():
    source = Path("metropolis_tracker/settings.py").read_text(encoding="utf-8")
    return set(re.findall(r"""env(?:\.\w+)?\(\s*["']([A-Z_]+)["']""", source))


def settings_listed(path):
    return re.findall(r"^\| `([A-Z_]+)`", Path(path).read_text(encoding="utf-8"), re.M)


def test_the_settings_page_lists_every_setting_and_no_other():
    assert sorted(settings_listed("docs/settings.md")) == sorted(settings_read())


def test_the_readme_lists_ten_of_these_settings():
    listed = settings_listed("README.md")
    assert (len(listed), set(listed) - set(settings_listed("docs/settings.md"))) == (10, set())


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_make_target_in_the_documents_exists(path):
    targets = re.findall(r"^([a-z]+):", Path("Makefile").read_text(encoding="utf-8"), re.M)
    assert set(re.findall(r"(?:^ +|`)make ([a-z]+)", path.read_text(encoding="utf-8"), re.M)) - set(targets) == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_command_in_the_documents_exists(path):
    text = path.read_text(encoding="utf-8")
    modules = re.findall(r"python -m (tests[\w.]+)", text)
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) - set(get_commands()) == set()
    assert [name for name in modules if not Path(f"{name.replace('.', '/')}.py").exists()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_every_file_that_the_documents_name_exists(path):
    text = path.read_text(encoding="utf-8")
    folders = {tracked.parts[0] for tracked in TRACKED}
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    named = [name for name in re.findall(r"`([\w.-]+(?:/[\w.-]*)+)`", text) if name.split("/")[0] in folders]
    assert [name for name in links if not (path.parent / name).exists()] == []
    assert [name for name in named if not Path(name).exists()] == []


def test_no_path_of_a_machine_is_committed():
    texts = {path: path.read_text(encoding="utf-8", errors="ignore") for path in TRACKED if path.suffix != ".png"}
    pattern = re.compile(r"/(?:work|root|home)/\w|index-url\s*=|https?://\S+\.(?:whl|tgz)\b")
    assert {str(path) for path, text in texts.items() if pattern.search(text)} == set()


def test_what_is_said_to_show_security_exists():
    """The tests, by file, and the settings in the last column of the tables in `docs/security.md`."""
    lines = Path("docs/security.md").read_text(encoding="utf-8").splitlines()
    shown = [line.split("|")[-2] for line in lines if re.match(r"\| \d", line)]
    tests = {name for cell in shown for name in re.findall(r"`(tests/[^`]+)`", cell)}
    settings = {name for cell in shown for name in re.findall(r"`([A-Z_]{6,})`", cell)}
    source = Path("metropolis_tracker/settings.py").read_text(encoding="utf-8")
    assert {name for name in tests if not Path(name).exists()} == set()
    assert {name for name in settings if name not in source} == set()
    assert (len(shown), len(tests) > 30) == (198, True)


# By these, no two rows that are ordered together are equal. The starred ones end in such a name.
UNIQUE = {"pk", "slug", "sequence", "number"}
TOTAL_ORDERS = {"NATURAL_ORDER", "ORDERS[order]", "language_first(language)", "language_first(get_language())"}


def orders(tree):
    """Yield the names that each `order_by` with arguments, and each `ordering` of a model, sorts by."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "order_by" and node.args:
            yield node.args
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "ordering":
            yield getattr(node.value, "elts", [ast.Starred(node.value)])


@pytest.mark.parametrize("path", [path for path in SOURCES if "migrations" not in path.parts], ids=str)
def test_every_order_is_total(path):
    """Two databases return rows that are equal by their order in different orders, so results would differ."""
    for names in orders(ast.parse(path.read_text(encoding="utf-8"))):
        given = {str(getattr(name, "value", "")).lstrip("-") for name in names if isinstance(name, ast.Constant)}
        starred = {ast.unparse(name.value) for name in names if isinstance(name, ast.Starred)}
        assert given & UNIQUE or starred & TOTAL_ORDERS, ast.unparse(names[0])
