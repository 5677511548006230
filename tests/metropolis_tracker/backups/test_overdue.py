"""How long ago a backup has passed, and who is told when none has for 48 hours."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from metropolis_tracker.backups.models import Backup

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def add_backup(hours, *, rehearsed=True, now=NOW):
    Backup.objects.create(made_at=now - timedelta(hours=hours), rows=1, sha256="0" * 64, rehearsed=rehearsed)


def set_up(hours):
    """Make the database as old as this."""
    MigrationRecorder.Migration.objects.update(applied=NOW - timedelta(hours=hours))


def test_the_age_is_that_of_the_last_one_that_passed(django_assert_num_queries):
    add_backup(30)
    add_backup(20)
    add_backup(1, rehearsed=False)
    with django_assert_num_queries(1):
        assert Backup.objects.age(NOW) == 20 * 3600


def test_without_one_there_is_no_age(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert Backup.objects.age(NOW) is None


@pytest.mark.parametrize(("hours", "days"), [(1, None), (48, None), (48.1, 2), (71, 2), (73, 3)])
def test_it_is_overdue_after_48_hours(hours, days):
    add_backup(hours)
    assert Backup.objects.overdue_days(NOW) == days


@pytest.mark.parametrize(("hours", "days"), [(1, None), (47, None), (49, 2)])
def test_a_new_tracker_has_48_hours_for_its_first(hours, days):
    set_up(hours)
    assert Backup.objects.overdue_days(NOW) == days


def test_the_admin_says_so_with_what_to_do(administrator):
    add_backup(24 * 5 + 1, now=timezone.now())
    page = " ".join(administrator.get("/admin/").content.decode().split())
    assert "No backup has passed for 5 days. Ask whoever runs the server" in page


def test_the_admin_says_nothing_of_the_kind_on_the_day_after(administrator):
    add_backup(24, now=timezone.now())
    assert "No backup has passed" not in administrator.get("/admin/").content.decode()
