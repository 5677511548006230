"""For whoever watches the tracker: whether it is alive, and whether it can do its work."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from plans.append_only import check_triggers


@require_safe
def healthz(request):
    """200 as long as the process answers. Asks nothing of anything else."""
    return HttpResponse("alive\n", content_type="text/plain")


@require_safe
def readyz(request):
    """200 where the database answers, is of this version, and keeps its history; else 503 with what is wrong."""
    try:
        faults = list(faults_of_database())
    except DatabaseError:
        faults = ["The database does not answer."]
    text = "\n".join(faults or ["ready"]) + "\n"
    return HttpResponse(text, content_type="text/plain", status=503 if faults else 200)


def faults_of_database():
    executor = MigrationExecutor(connection)
    for migration, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield f"The migration {migration} is not applied. Run manage.py migrate."
    for error in check_triggers(None, ["default"]):
        yield f"{error.msg} {error.hint}"
