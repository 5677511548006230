from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class NamedCookieStorage(CookieStorage):
    """Django's cookie storage under `MESSAGES_COOKIE_NAME`, for which Django has no setting."""

    cookie_name = settings.MESSAGES_COOKIE_NAME


class MessageStorage(FallbackStorage):
    """Django's default storage, with the cookie renamed so that it can have the `__Host-` prefix."""

    storage_classes = (NamedCookieStorage, SessionStorage)
