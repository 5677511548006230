"""A broken twin of the tracker: it says that a status is recorded, and records it two seconds later."""

import threading
import time

from django.utils.module_loading import import_string

application = import_string("metropolis_tracker.wsgi.application")
Deliverable = import_string("deliverables.models.Deliverable")
StatusUpdate = import_string("deliverables.models.StatusUpdate")


def record_later(deliverable, status, *, by, record=Deliverable.record, **report):
    def work():
        time.sleep(2)
        record(deliverable, status, by=by, **report)

    threading.Thread(target=work, daemon=True).start()
    return StatusUpdate(deliverable=deliverable, status=status, sequence=1, effective_on=report["effective_on"])


Deliverable.record = record_later
