from django.conf import settings
from django.core.management.base import BaseCommand

from metropolis_tracker import translation_files


class Command(BaseCommand):
    help = "Update the translation files from the code and list what is missing in them."

    def handle(self, **options):
        messages = translation_files.extract_messages()
        for language, _name in settings.LANGUAGES:
            if language != settings.LANGUAGE_CODE:
                self.update(language, messages)

    def update(self, language, messages):
        """Update the file of one language and print its problems."""
        catalog = translation_files.read_catalog(language)
        messages.creation_date = catalog.creation_date  # otherwise each run would change every file
        catalog.update(messages, no_fuzzy_matching=True)
        translation_files.write_catalog(catalog, language)

        problems = list(translation_files.find_problems(catalog, messages))
        self.stdout.write(f"{language}: {len(messages)} messages, {len(problems)} problems")
        for problem in problems:
            self.stdout.write(f"  {problem}")
