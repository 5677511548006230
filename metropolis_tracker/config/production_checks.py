"""What must not be where others can reach it, each with the way to mend it."""

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_production(url):
    """Whether readers reach the tracker from other machines, by the parts of its address."""
    return url.scheme == "https" or url.hostname not in LOOPBACK


def check_production_settings(*, url, debug, secret, hosts):
    """Raise `ImproperlyConfigured` with all that is wrong; on loopback everything goes, but for an address."""
    if not url.hostname:
        raise ImproperlyConfigured("SITE_URL names no host. Give the whole address, such as https://tracker.example.")
    if is_production(url) and (faults := list(faults_of(url, debug, secret, hosts))):
        raise ImproperlyConfigured(" ".join(faults))


def faults_of(url, debug, secret, hosts):
    if url.scheme != "https":
        yield "SITE_URL is not https://: what people type could be read. Let a proxy end TLS, see docs/deploying.md."
    if debug:
        yield "DEBUG shows the code and settings to everyone. Unset it, or serve on 127.0.0.1 alone."
    if len(secret) < 50 or len(set(secret)) < 10 or secret.startswith("django-insecure"):
        yield "SECRET_KEY is weak: give 50 random characters or more, or none, and the tracker makes and keeps its own."
    if not hosts or "*" in hosts:
        yield "ALLOWED_HOSTS lets the tracker answer to any name. List the names it has, with commas between."
