from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def organisation_name():
    """Return the name of the organisation's provider, empty where the sign-in of the organisation is off."""
    return settings.OIDC.name if settings.OIDC else ""
