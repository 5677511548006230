from django.core.management.base import BaseCommand, CommandError

from reports.editions.models import Edition


class Command(BaseCommand):
    help = "Check every edition: its documents against their hashes, its place in the history. Exits 1 on a fault."

    def handle(self, **options):
        editions = Edition.objects.for_list().order_by("plan", "number")
        faulty = [edition for edition in editions if self.report_faults(edition)]
        if faulty:
            raise CommandError(f"Not as published: {len(faulty)} of {Edition.objects.count()} editions.")

    def report_faults(self, edition):
        """Print the result for an edition, and return its faults."""
        faults = list(edition.faults())
        result = "; ".join(faults) or "as published"
        self.stdout.write(f"{edition.plan.slug}, edition {edition.number}: {result}")
        return faults
