"""Answer the health checks of a monitor or load balancer: is the process alive, and can it serve requests?"""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from metropolis_tracker.backups.models import Backup
from metropolis_tracker.config.redis_errors import redis_errors
from metropolis_tracker.database_version import unknown_migrations
from plans.common.append_only import check_triggers

TEXT = "text/plain; charset=utf-8"


@require_safe
def healthz(request):
    """Answer 200 as long as the process runs. Depends on nothing else, not even the database."""
    return HttpResponse("alive\n", content_type=TEXT)


@require_safe
def readyz(request):
    """Answer 200 if the database answers, is migrated and protects its history; otherwise 503 with the problems.

    A missing backup is told as well, but no reason to send this machine no requests.
    """
    notices = []
    try:
        problems = list(find_problems())
        if not problems:
            notices = list(find_notices())
    except DatabaseError:
        problems = ["The database does not answer."]
    except redis_errors():
        problems = ["The shared cache does not answer."]

    text = "\n".join(problems or ["ready", *notices]) + "\n"
    return HttpResponse(text, content_type=TEXT, status=503 if problems else 200)


def find_problems():
    """Yield a sentence for each problem. Raise an error of the database or cache that does not answer."""
    cache.get("ready")  # raises where the shared cache is down

    for name in unknown_migrations():
        yield f"The migration {name} is of a newer version of the tracker. Install that version."
    executor = MigrationExecutor(connection)
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield f"The migration {migration} is not applied. Run manage.py migrate."

    for error in check_triggers(None, ["default"]):
        yield f"{error.msg} {error.hint}"


def find_notices():
    """Yield a sentence for what an operator should look at while the tracker serves on."""
    if days := Backup.objects.overdue_days(timezone.now()):
        yield f"No backup has passed for {days} days: see docs/operating.md#backups"
