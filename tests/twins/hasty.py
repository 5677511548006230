"""A broken twin of the tracker: it answers that a status is recorded, but records it two seconds later."""

import threading
import time

from django.utils.module_loading import import_string

application = import_string("metropolis_tracker.wsgi.application")
Deliverable = import_string("deliverables.models.Deliverable")
StatusUpdate = import_string("deliverables.models.StatusUpdate")


def record_later(deliverable, status, *, by, record=Deliverable.record, **report):
    def wait_and_record():
        time.sleep(2)
        record(deliverable, status, by=by, **report)

    threading.Thread(target=wait_and_record, daemon=True).start()
    return StatusUpdate(deliverable=deliverable, status=status, sequence=1, effective_on=report["effective_on"])


Deliverable.record = record_later
