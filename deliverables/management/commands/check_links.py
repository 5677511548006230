from collections import Counter

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone

from deliverables.link_checks.run import MOST, ask_links, due_links, store
from deliverables.models import LinkCheck, LinkState, StatusUpdate

MAX_FAILURES = 3  # of the database, in a row


class Command(BaseCommand):
    stealth_options = ("network", "pauses")  # of tests: see `ask_links`
    help = "Check whether the links of evidence lead to a page, each once a month, 200 a run. Run once a day."

    def handle(self, *, verbosity, network=None, pauses=None, **options):
        if not settings.CHECK_LINKS:
            self.stdout.write("Links are not checked. To switch it on, set CHECK_LINKS to true: docs/settings.md.")
            return

        links = StatusUpdate.objects.in_effect().evidence_links()
        LinkCheck.objects.forget_all_but(links)
        due = due_links(links, timezone.now())
        counts = Counter()
        self.store_answers(ask_links(due[:MOST], network, pauses), counts, is_verbose=verbosity > 1)

        self.stdout.write(
            f"Asked {counts.total()} links. Working: {counts[LinkState.WORKS]}, not found:"
            f" {counts[LinkState.NOT_FOUND]}, could not be checked: {counts[LinkState.UNKNOWN]}."
        )
        if waiting := len(due) - len(due[:MOST]):
            self.stdout.write(f"{waiting} wait for the next run.")

    def store_answers(self, answers, counts, *, is_verbose):
        """Store the answers as they come, and count them. No transaction is open while a server is asked.

        A result that the database does not take is lost, and its link is asked in the next run.
        """
        failures = 0
        for link, answer in answers:
            if is_verbose:
                self.stdout.write(f"{answer.state.value} ({answer.detail}): {link}")
            try:
                is_stored = store(link, answer.state, at=timezone.now())
            except DatabaseError as error:
                connection.close_if_unusable_or_obsolete()  # then the next one opens another
                failures += 1
                self.stderr.write(f"A result was not stored: {error}")
                if failures == MAX_FAILURES:
                    raise CommandError("The database takes no results. The next run asks these links again.") from error
            else:
                failures = 0
                counts[answer.state] += is_stored
