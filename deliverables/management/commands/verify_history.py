from django.core.management.base import BaseCommand, CommandError

from deliverables.verification import BrokenChain, verify_amendments, verify_history
from plans.models import Plan


class Command(BaseCommand):
    help = "Verify the hash chain of every plan's history, or of one plan's. Names the first break and exits with 1."

    def add_arguments(self, parser):
        parser.add_argument("plan", nargs="?", help="the plan's part of the web address, such as 2018-2020")

    def handle(self, *, plan, **options):
        plans = Plan.objects.filter(slug=plan) if plan else Plan.objects.order_by("slug")
        if plan and not plans:
            raise CommandError(f"There is no plan {plan}.")

        broken = [plan.slug for plan in plans if not self.verify(plan)]
        if broken:
            raise CommandError(f"Broken: {', '.join(broken)}.")

    def verify(self, plan):
        """Print the result for one plan, and return whether its chains are intact."""
        try:
            history, amendments = verify_history(plan), verify_amendments(plan)
        except BrokenChain as reason:
            self.stdout.write(f"{plan.slug}: BROKEN. {reason}")
            return False

        self.stdout.write(f"{plan.slug}: {history.length} entries, head {history.head or 'none'}")
        if history.unverifiable:
            numbers = ", ".join(map(str, history.unverifiable))
            self.stdout.write(f"{plan.slug}: taken down from entries that cannot be recomputed any more: {numbers}")
        if amendments.length:
            self.stdout.write(f"{plan.slug}: {amendments.length} amendments, head {amendments.head}")
        return True
