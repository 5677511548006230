"""Import the models of this app's folders: Django looks for models here."""

from reports.editions.drafts import EditionDraft
from reports.editions.models import Edition, EditionDocument
from reports.editions.withdrawal import EditionWithdrawal
from reports.imports.models import ColumnMapping, Import
from reports.mail.models import Follow, Message

__all__ = [
    "ColumnMapping",
    "Edition",
    "EditionDocument",
    "EditionDraft",
    "EditionWithdrawal",
    "Follow",
    "Import",
    "Message",
]
