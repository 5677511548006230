from django.conf import settings
from django.core.management.base import BaseCommand

from metropolis_tracker import translation_files


class Command(BaseCommand):
    help = "Brings the files of translations up to date with the code, and says what they lack."

    def handle(self, **options):
        wanted = translation_files.gather()
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                self.bring_up_to_date(language, wanted)

    def bring_up_to_date(self, language, wanted):
        catalog = translation_files.translations_into(language)
        wanted.creation_date = catalog.creation_date  # else each run would change every file
        catalog.update(wanted, no_fuzzy_matching=True)
        translation_files.write(catalog, language)
        faults = list(translation_files.faults_in(catalog, wanted))
        self.stdout.write(f"{language}: {len(wanted)} messages, {len(faults)} to mend")
        for fault in faults:
            self.stdout.write(f"  {fault}")
