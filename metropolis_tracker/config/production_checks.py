"""Refuse to start with settings that are unsafe where others can reach the tracker. Each error names the fix."""

from django.core.exceptions import ImproperlyConfigured

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def is_production(url):
    """Return whether this `SITE_URL`, as parsed by `urlsplit`, can be reached from other machines."""
    return url.scheme == "https" or url.hostname not in LOOPBACK


def check_production_settings(*, url, host, behind_proxy, **others):
    """Raise `ImproperlyConfigured` with all problems. A site on loopback may have any other settings."""
    if not url.hostname:
        raise ImproperlyConfigured("SITE_URL names no host. Give the full URL, such as https://tracker.example.")

    problems = list(find_problems(url, **others)) if is_production(url) else []
    if host not in LOOPBACK and not behind_proxy:
        problems.append(
            f"HOST is {host}, where others can reach the server itself: a few unfinished requests would stop it. Let a"
            " proxy such as nginx (docs/operating/nginx.conf) receive the requests, and set BEHIND_PROXY to true."
        )
    if problems:
        raise ImproperlyConfigured(" ".join(problems))


def find_problems(url, *, debug, secret, hosts, mail, provider=""):
    """Yield a sentence for each unsafe setting, with the fix."""
    if url.scheme != "https":
        yield "SITE_URL is not https://, so passwords can be read in transit. Let a proxy end TLS (docs/operating.md)."
    if debug:
        yield "DEBUG shows code and settings to everyone. Unset it, or serve on 127.0.0.1 only."
    if len(secret) < 50 or len(set(secret)) < 10 or secret.startswith("django-insecure"):
        yield "SECRET_KEY is weak. Set 50 random characters or more, or unset it to have one generated and stored."
    if not hosts or "*" in hosts:
        yield "ALLOWED_HOSTS accepts any host name. List the names of this site, separated by commas."
    if mail.startswith("consolemail:"):
        yield (
            "EMAIL_URL is not set, so e-mails, with links to choose a password, would be printed to the log. Set it to"
            " a mail server, such as smtp+tls://user:password@mail.example:587, or to dummymail:// to send nothing."
        )
    if provider.startswith("http://"):
        yield "OIDC_URL is not https://, so sign-ins can be forged in transit. Give the https:// issuer."
