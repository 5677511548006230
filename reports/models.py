"""The models of the folders of this app, where Django looks for them."""

from reports.editions.models import Edition, EditionDocument
from reports.imports.models import Import
from reports.mail.models import Follow, Message

__all__ = ["Edition", "EditionDocument", "Follow", "Import", "Message"]
