"""Delete what has expired: sessions, uploads that nothing has, and files of reports that were sent back long ago."""

from datetime import timedelta

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from deliverables.models import EvidenceFile, Proposal, ProposalState, ReportingRound
from deliverables.models.evidence_file import UNUSED_AGE

SENT_BACK_AGE = timedelta(days=90)  # as long as backups keep what is deleted


class Command(BaseCommand):
    help = "Delete expired sessions, uploads that nobody sent, and files of reports sent back 90 days ago. Once a day."

    def handle(self, **options):
        call_command("clearsessions")
        now, removed = timezone.now(), 0
        old = Proposal.objects.filter(state=ProposalState.SENT_BACK, answered_at__lt=now - SENT_BACK_AGE)
        old.exclude(round__in=ReportingRound.objects.open()).drop_files()  # in an open round they are still asked for
        while number := EvidenceFile.objects.remove_unused(before=now - UNUSED_AGE):
            removed += number
        self.stdout.write(f"Removed {removed} files that nothing refers to.")
