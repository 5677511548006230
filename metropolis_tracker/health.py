"""For whoever watches the tracker: whether it is alive, and whether it can do its work."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from plans.common.append_only import check_triggers

TEXT = "text/plain; charset=utf-8"


@require_safe
def healthz(request):
    """200 as long as the process answers. Asks nothing of anything else."""
    return HttpResponse("alive\n", content_type=TEXT)


@require_safe
def readyz(request):
    """200 where the database answers, is of this version, and keeps its history; else 503 with what is wrong."""
    try:
        faults = list(faults_found())
    except DatabaseError:
        faults = ["The database does not answer."]
    except RedisError:
        faults = ["The shared cache does not answer."]
    text = "\n".join(faults or ["ready"]) + "\n"
    return HttpResponse(text, content_type=TEXT, status=503 if faults else 200)


def faults_found():
    """What keeps it from its work; asks the shared cache too, where there is one."""
    cache.get("ready")
    executor = MigrationExecutor(connection)
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield f"The migration {migration} is not applied. Run manage.py migrate."
    for error in check_triggers(None, ["default"]):
        yield f"{error.msg} {error.hint}"
