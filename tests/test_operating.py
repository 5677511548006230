"""The page for operators and its example files: what they name exists, and what they say works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

FOLDER = Path("docs/operating")
PAGE = Path("docs/operating.md").read_text(encoding="utf-8")
UNITS = sorted(FOLDER.glob("*.service"))
DAILY = [path for path in UNITS if "@" not in path.name and path.stem != "tracker"]
SETTINGS = set(re.findall(r"^\| `([A-Z_]+)`", Path("docs/settings.md").read_text(encoding="utf-8"), re.M))
OF_COMPOSE = {"POSTGRES_PASSWORD", "POSTGRES_USER", "HOST_NAME"}
OF_S3 = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}  # which its SDK reads


def env_file():
    """Return the lines of `/etc/tracker.env` as the page shows them."""
    return re.findall(r"^ +([A-Z_]+='.*')$", PAGE, re.M)


def test_the_settings_named_on_the_page_and_in_the_files_exist():
    texts = [PAGE, *(path.read_text(encoding="utf-8") for path in FOLDER.iterdir())]
    named = {name for text in texts for name in re.findall(r"\b([A-Z]+_[A-Z_]+)\b", text)}
    known = SETTINGS | OF_COMPOSE | OF_S3 | {"AF_INET", "AF_UNIX", "MAINPID", "HTTPS_PROXY"}
    assert named - known == set()
    assert len(env_file()) >= 7


@pytest.mark.parametrize("changed", [{}, {"DATABASE_URL": ""}], ids=["as printed", "without PostgreSQL"])
def test_the_file_of_settings_passes_the_checks_as_the_page_loads_it(tmp_path, changed):
    """As a shell reads it. Single quotes mean the same to systemd and to docker compose, also around a `$`."""
    lines = [line for line in env_file() if line.partition("=")[0] not in changed]
    secret = "SECRET_KEY='" + "k3y$of-the-test-" * 4 + "'"
    lines = [secret if line.startswith("SECRET_KEY=") else line for line in lines]
    lines += [f"{name}={value}" for name, value in changed.items()] + ["CACHE_URL=", "EMAIL_TIMEOUT="]
    (tmp_path / "tracker.env").write_text("\n".join(lines))
    loading = re.search(r"set -a; \. /etc/tracker\.env; DATA_DIR=/var/lib/tracker; set \+a", PAGE)[0]
    loading = loading.replace("/etc/tracker.env", str(tmp_path / "tracker.env"))
    loading = loading.replace("/var/lib/tracker", str(tmp_path / "data"))
    command = f"{loading}; exec {sys.executable} manage.py check --deploy --fail-level WARNING"
    done = subprocess.run(["bash", "-c", command], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_runs_a_command_that_exists_with_private_files(path):
    text = path.read_text(encoding="utf-8")
    commands = re.findall(r"^ExecStart=/opt/tracker/\.venv/bin/python manage\.py ([a-z_]+)", text, re.M)
    assert len(commands) == 1
    assert set(commands) - set(get_commands()) == set()
    for line in ("User=tracker", "UMask=0077", "StateDirectoryMode=0700", "EnvironmentFile=/etc/tracker.env",
                 "Environment=DATA_DIR=/var/lib/tracker"):  # fmt: skip
        assert line in text.splitlines()


@pytest.mark.parametrize("path", DAILY, ids=lambda path: path.name)
def test_a_unit_that_fails_is_told(path):
    assert "OnFailure=tracker-failure@%n.service" in path.read_text(encoding="utf-8").splitlines()


def test_each_daily_unit_has_a_timer_that_the_page_starts():
    daily = {path.stem for path in DAILY}
    assert {path.stem for path in FOLDER.glob("*.timer")} == daily
    started = re.search(r"systemctl enable --now (.+)", PAGE)[1].split()
    assert set(started) == {"tracker", *(f"{name}.timer" for name in daily)}
    times = {re.search(r"OnCalendar=(.+)", (FOLDER / f"{name}.timer").read_text())[1] for name in daily}
    assert len(times) == len(daily) == 5


def hardening(path):
    return re.search(r"^NoNewPrivileges=yes\n(?:.+\n)+", path.read_text(encoding="utf-8"), re.M)[0]


def test_all_units_are_hardened_alike():
    assert len({hardening(path) for path in UNITS}) == 1
    assert {"MemoryDenyWriteExecute=yes", "SystemCallFilter=@system-service"} <= set(hardening(UNITS[0]).splitlines())


if ANALYSE := shutil.which("systemd-analyze"):  # part of systemd, which some machines of developers do not have

    @pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
    def test_systemd_finds_a_unit_little_exposed(path):
        """Its scale goes from 0 to 10."""
        command = [ANALYSE, "security", "--offline=yes", "--no-pager", path]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert float(re.search(r"exposure level for \S+: ([\d.]+)", told)[1]) < 2.5


def test_systemd_waits_until_the_tracker_answers():
    lines = (FOLDER / "tracker.service").read_text(encoding="utf-8").splitlines()
    assert {"Type=notify", "TimeoutStartSec=infinity"} <= set(lines)  # migrations may take long


def test_only_the_first_process_is_told_to_stop():
    """A worker that gets SIGTERM besides that of its master may serve on: see manage.py serve."""
    assert "KillMode=mixed" in (FOLDER / "tracker.service").read_text(encoding="utf-8")


def test_the_largest_upload_passes_nginx():
    from_nginx = re.search(r"client_max_body_size (\d+)m", (FOLDER / "nginx.conf").read_text(encoding="utf-8"))[1]
    assert int(from_nginx) * 1024 * 1024 > 20_000_000 + 100_000


def test_neither_database_nor_secret_goes_into_the_image():
    lines = Path(".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    tracked = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert all(any(name.startswith(path) for name in tracked) for path in let_in)
    assert {"var", ".git", ".venv", "docs"} & {path.partition("/")[0] for path in let_in} == set()
    assert {"manage.py", "plans", "deliverables", "reports", "metropolis_tracker", "templates", "static"} <= let_in


def test_the_containers_listen_behind_nginx_alone():
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    tracker, nginx = text.partition("  tracker:")[2].partition("  nginx:")[::2]
    assert ('BEHIND_PROXY: "true"' in tracker, "ports:" in tracker, "./nginx.conf:" in nginx) == (True, False, True)
