"""Answer the health checks of a monitor or load balancer: is the process alive, and can it serve requests?"""

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from metropolis_tracker.backups.models import Backup
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

    A 200 may have notices, too: of what an operator should mend while the tracker serves without it.
    """
    told = []
    try:
        problems = list(find_problems())
        if not problems:
            told = list(notices())
    except DatabaseError:
        problems = ["The database does not answer."]

    text = "\n".join(problems or ["ready", *told]) + "\n"
    return HttpResponse(text, content_type=TEXT, status=503 if problems else 200)


def find_problems():
    """Yield a sentence for each problem. Raise an error of a database that does not answer."""
    for name in unknown_migrations():
        yield f"The migration {name} is of a newer version of the tracker. Install that version."
    executor = MigrationExecutor(connection)
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield f"The migration {migration} is not applied. Run manage.py prepare."

    for error in check_triggers(None, ["default"]):
        yield f"{error.msg} {error.hint}"


def notices():
    """Yield a sentence for each fault that keeps nobody from working."""
    if settings.REDIS and not cache.is_up():
        yield "The shared cache (CACHE_URL) does not answer. Everything works, only slower."
    if days := Backup.objects.overdue_days(timezone.now()):
        yield f"No backup has passed for {days} days: see docs/operating.md#backups"
