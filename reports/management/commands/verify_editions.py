from django.core.management.base import BaseCommand, CommandError

from reports.editions.models import Edition


class Command(BaseCommand):
    help = (
        "Hashes the documents of every edition anew, and looks for its head in the history. Exits 1 where one is off."
    )

    def handle(self, **options):
        faulty = [
            edition for edition in Edition.objects.for_list().order_by("plan", "number") if self.faults_of(edition)
        ]
        if faulty:
            raise CommandError(f"Not as published: {len(faulty)} of {Edition.objects.count()} editions.")

    def faults_of(self, edition):
        faults = list(edition.faults())
        told = "; ".join(faults) or "as published"
        self.stdout.write(f"{edition.plan.slug}, edition {edition.number}: {told}")
        return faults
