"""The one settings file. Everything that differs between machines comes from the environment (see README)."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from metropolis_tracker.config.production_checks import check_production_settings, is_production
from metropolis_tracker.config.secret_key import secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# Where this machine keeps things
DATA_DIR = (BASE_DIR / env.str("DATA_DIR", "var")).resolve()
DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
SECRET_KEY = env.str("SECRET_KEY", "") or secret_key(DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", False)

# Where readers find it
HOST, PORT = env.str("HOST", "127.0.0.1"), env.int("PORT", 8000)
SITE_URL = env.str("SITE_URL", f"http://[{HOST}]:{PORT}" if ":" in HOST else f"http://{HOST}:{PORT}").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
OTHER_HOSTS = env.list("ALLOWED_HOSTS", default=[])
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname, "127.0.0.1", "localhost", "[::1]", *OTHER_HOSTS]
check_production_settings(url=urlsplit(SITE_URL), debug=DEBUG, secret=SECRET_KEY, hosts=ALLOWED_HOSTS)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ROOT_URLCONF = "metropolis_tracker.urls"
WSGI_APPLICATION = "metropolis_tracker.wsgi.application"

INSTALLED_APPS = [
    "metropolis_tracker.accounts",
    "metropolis_tracker.backups",
    "reports",
    "deliverables",
    "plans",
    "metropolis_tracker.apps.TrackerConfig",
    "metropolis_tracker.apps.TrackerAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
]

MIDDLEWARE = [
    "metropolis_tracker.middleware.database_timeout.DatabaseTimeoutMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "metropolis_tracker.middleware.compression.CompressionMiddleware",
    "plans.page_cache.PageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "metropolis_tracker.middleware.language.LanguageMiddleware",
    "metropolis_tracker.middleware.body_limit.BodyLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "metropolis_tracker.accounts.second_factor.SecondFactorMiddleware",
    "metropolis_tracker.accounts.visits.VisitMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "plans.templatetags.tracker",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "plans.common.form_fields.Renderer"

# Data. A write must not find the database changed since it read: SQLite takes the write lock at the start.
# Connections stay open between requests: opening one costs more than a page that is kept.
DATABASES = {"default": env.db("DATABASE_URL", f"sqlite:///{DATA_DIR / 'tracker.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = 600
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # A file, as in production: the browser tests' server runs in a thread with a connection of its own.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "options": f"-c lock_timeout=5000 -c statement_timeout={env.int('STATEMENT_TIMEOUT', 5000)}",
    } | DATABASES["default"].get("OPTIONS", {})
# The limits on signing in hold for all workers together; pages are kept by each, unless a cache is shared.
SHARED_CACHE = env.cache_url("CACHE_URL", default="") if env.str("CACHE_URL", "") else None
CACHES = {
    "default": SHARED_CACHE
    or {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "tracker_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},  # so many that nobody can push a limit out by filling it
    },
    "pages": (SHARED_CACHE and SHARED_CACHE | {"BACKEND": "metropolis_tracker.config.redis_cache.OptionalRedisCache"})
    or {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["metropolis_tracker.accounts.backend.RoleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator")
]
AUTH_PASSWORD_VALIDATORS[0]["OPTIONS"] = {"user_attributes": ("email", "name")}
AUTH_PASSWORD_VALIDATORS += [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "metropolis_tracker.accounts.passwords.OurWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "metropolis_tracker.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator vouches for the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Metropolis Tracker: "
ACCOUNT_RATE_LIMITS = {  # failures count, see the adapter; the others are for whoever floods the pages
    "login": "120/m/ip",
    "login_failed": "5/5m/key",
    "address": "100/10m/ip",
    "account": "50/h/key",
    "change_password": "5/5m/user",
    "reset_password": "3/10m/key,20/m/ip",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds after which whoever changes their sign-in proves who they are again
ACCOUNT_USER_DISPLAY = "metropolis_tracker.accounts.models.display_name"
SECOND_FACTOR = env.bool("SECOND_FACTOR", HTTPS)  # asked of the Secretariat and administrators
MFA_ADAPTER = "metropolis_tracker.accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # PIN, finger or face: a key that was found lets nobody in
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator vouches for the address
MFA_TOTP_ISSUER = "Metropolis Tracker"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # loopback
SESSION_COOKIE_AGE = 14 * 24 * 3600
ADMIN_EMAIL = env.str("ADMIN_EMAIL", "administrator@metropolis.example")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", ADMIN_EMAIL)  # stands on the page about accessibility
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds; a mail server that hangs delays the messages, nothing else
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Metropolis Tracker <tracker@metropolis.example>")

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("fr", "Français")]  # each in its own words
LOCALE_PATHS = [BASE_DIR / "metropolis_tracker" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "Europe/Madrid")  # the Secretariat General sits in Barcelona
USE_TZ = True
FORMAT_MODULE_PATH = "metropolis_tracker.formats"

# Static files
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PREFIX = "__Host-" if HTTPS else ""  # a cookie so named is of this host alone, and sent over TLS alone
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{PREFIX}sessionid", f"{PREFIX}csrftoken"
MESSAGES_COOKIE_NAME = f"{PREFIX}messages"
MESSAGE_STORAGE = "metropolis_tracker.config.message_storage.MessageStorage"
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the page
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]  # asked from the machine itself, behind what ends TLS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if env.bool("BEHIND_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # else all readers behind it would share one limit on signing in
if not is_production(urlsplit(SITE_URL)):
    SILENCED_SYSTEM_CHECKS = [f"security.W{number}" for number in ("004", "008", "012", "016")]  # loopback has no TLS
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "metropolis_tracker.config.json_logging.JsonFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "security": {"class": "logging.StreamHandler", "formatter": "json"},
    },
    "loggers": {
        "tracker.security": {"handlers": ["security"], "level": "INFO", "propagate": False},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "WARNING")},
}
