from django.conf import settings
from django.core.management.base import BaseCommand

from metropolis_tracker import messages


class Command(BaseCommand):
    help = "Brings the files of translations up to date with the code, and says what they lack."

    def handle(self, **options):
        wanted = messages.gather()
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                self.bring_up_to_date(language, wanted)

    def bring_up_to_date(self, language, wanted):
        catalog = messages.translations_into(language)
        wanted.creation_date = catalog.creation_date  # else each run would change every file
        catalog.update(wanted, no_fuzzy_matching=True)
        messages.write(catalog, language)
        faults = list(messages.faults_in(catalog, wanted))
        self.stdout.write(f"{language}: {len(wanted)} messages, {len(faults)} to mend")
        for fault in faults:
            self.stdout.write(f"  {fault}")
