from django.core.management.base import BaseCommand, CommandError

from deliverables.verification import BrokenChain, verify_amendments, verify_history
from plans.models import Plan


class Command(BaseCommand):
    help = "Recomputes the chain of each plan's history, or of one. Names the first break and exits 1."

    def add_arguments(self, parser):
        parser.add_argument("plan", nargs="?", help="the plan's part of the web address, such as 2018-2020")

    def handle(self, *, plan, **options):
        plans = Plan.objects.filter(slug=plan) if plan else Plan.objects.order_by("slug")
        if plan and not plans:
            raise CommandError(f"There is no plan {plan}.")
        broken = [plan.slug for plan in plans if not self.is_whole(plan)]
        if broken:
            raise CommandError(f"Not whole: {', '.join(broken)}.")

    def is_whole(self, plan):
        try:
            whole, amendments = verify_history(plan), verify_amendments(plan)
        except BrokenChain as reason:
            self.stdout.write(f"{plan.slug}: BROKEN. {reason}")
            return False
        self.stdout.write(f"{plan.slug}: {whole.length} entries, head {whole.head or 'none'}")
        if amendments.length:
            self.stdout.write(f"{plan.slug}: {amendments.length} amendments, head {amendments.head}")
        return True
