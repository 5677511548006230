"""The only settings file. Whatever differs between machines comes from the environment: see docs/settings.md."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from metropolis_tracker.config.data_folder import open_private_folder
from metropolis_tracker.config.environment import Environment
from metropolis_tracker.config.error_reports import send_error_reports
from metropolis_tracker.config.evidence_storage import backup_url, evidence_storage
from metropolis_tracker.config.organisation_sign_in import APPS as ORGANISATION_APPS
from metropolis_tracker.config.organisation_sign_in import allauth_settings, organisation_sign_in
from metropolis_tracker.config.production_checks import check_production_settings, is_production
from metropolis_tracker.config.secret_key import secret_key
from plans.common import upload_limits

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# Data folder and secret
DATA_DIR = (BASE_DIR / env.str("DATA_DIR", "var")).resolve()
open_private_folder(DATA_DIR)
SECRET_KEY = env.str("SECRET_KEY", "") or secret_key(DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
DEBUG = env.bool("DEBUG", False)

# URL and host names
HOST, PORT = env.str("HOST", "127.0.0.1"), env.number("PORT", 8000, least=1)
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SITE_URL = env.str("SITE_URL", f"http://[{HOST}]:{PORT}" if ":" in HOST else f"http://{HOST}:{PORT}").rstrip("/")
HTTPS = SITE_URL.startswith("https://")
OTHER_HOSTS = env.list("ALLOWED_HOSTS", default=[])
ALLOWED_HOSTS = [urlsplit(SITE_URL).hostname, "127.0.0.1", "localhost", "[::1]", *OTHER_HOSTS]
EMAIL_URL = env.str("EMAIL_URL", "consolemail://")
OIDC_URL = env.str("OIDC_URL", "")
check_production_settings(
    url=urlsplit(SITE_URL),
    host=HOST,
    behind_proxy=BEHIND_PROXY,
    debug=DEBUG,
    secret=SECRET_KEY,
    hosts=ALLOWED_HOSTS,
    mail=EMAIL_URL,
    provider=OIDC_URL,
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# Server processes, and the threads of each. Every thread keeps a connection to the database: see docs/operating.md.
WORKERS, THREADS = env.number("WORKERS", 2, least=1), env.number("THREADS", 5, least=1)

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

# The order matters. A comment says why an entry cannot move.
MIDDLEWARE = [
    # First, so that whatever the others log has it.
    "metropolis_tracker.middleware.request_id.request_id",
    # So early that it counts the database time of all the others.
    "metropolis_tracker.middleware.database_timeout.DatabaseTimeoutMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "metropolis_tracker.middleware.permissions_policy.permissions_policy",
    # Before whatever reads a cookie.
    "metropolis_tracker.middleware.without_cookies.without_cookies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Outside the page cache, so that what comes from the cache has its headers, too.
    "metropolis_tracker.middleware.open_data.open_data",
    # Outside the page cache, which stores its own compressed copies.
    "metropolis_tracker.middleware.compression.CompressionMiddleware",
    # Before sessions, so that a cached page costs one query and opens no session.
    "plans.page_cache.PageCacheMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # After authentication, and before whatever asks who it is.
    "metropolis_tracker.accounts.idle_sessions.IdleSessionMiddleware",
    # After authentication, because a member may have chosen a language.
    "metropolis_tracker.middleware.language.LanguageMiddleware",
    # After the language, in which it answers, but before any `process_view`: that of CsrfViewMiddleware reads the body.
    "metropolis_tracker.middleware.body_limit.BodyLimitMiddleware",
    # After the body limit, since it reads what was sent, and before whatever refuses a request.
    "metropolis_tracker.middleware.form_drafts.FormDraftMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Before the views, all of them: only its own list of paths is exempt.
    "metropolis_tracker.accounts.second_factor.SecondFactorMiddleware",
    # Last, so that a request that was redirected or refused is not a visit.
    "metropolis_tracker.accounts.visits.VisitMiddleware",
]

LOADERS = ["metropolis_tracker.config.template_loader.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", LOADERS)],
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

# Data. Connections stay open between requests, because opening one costs more than serving a cached page.
SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "tracker.sqlite3"}
DATABASES = {"default": env.url("DATABASE_URL", "", env.db_url_config) if "DATABASE_URL" in env.ENVIRON else SQLITE}
DATABASES["default"]["CONN_MAX_AGE"] = 600
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # Take the write lock when a transaction begins, so that nobody else can write between its read and its write.
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
    # A file instead of memory, because the server of the browser tests is a thread with its own connection.
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "options": f"-c lock_timeout=4000 -c statement_timeout={env.number('STATEMENT_TIMEOUT', 4500, least=0)}",
    } | DATABASES["default"].get("OPTIONS", {})

# Caches. `default` counts sign-in attempts, so all workers must share it: the database, or CACHE_URL.
# `pages` only saves time, so each worker may have its own. Redis may fail without other consequences than slowness.
REDIS = env.url("CACHE_URL", "", env.cache_url_config) if "CACHE_URL" in env.ENVIRON else None
OPTIONAL_CACHE = REDIS and REDIS | {"BACKEND": "metropolis_tracker.config.redis_cache.OptionalSharedCache"}
COUNTERS = {
    "BACKEND": "metropolis_tracker.config.database_cache.CountingDatabaseCache",
    "LOCATION": "tracker_cache",
    "OPTIONS": {"MAX_ENTRIES": 100_000},  # so many that an attacker cannot evict a counter by filling the cache
}
CACHES = {
    "default": REDIS | {"BACKEND": "metropolis_tracker.config.redis_cache.SharedCache"} if REDIS else COUNTERS,
    "counters": COUNTERS,  # counts while Redis is down
    "pages": OPTIONAL_CACHE
    or {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
    # What members have read: never shared, since it is theirs. Some 20 kB each, compressed.
    "members": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "members",
        "OPTIONS": {"MAX_ENTRIES": 300},
    },
    # How many files each address has had made in a minute. It saves work only, so each worker may have its own.
    "limits": OPTIONAL_CACHE
    or {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "limits",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    },
    # Which plans were made private, for the time that the database is down. Files, so that all workers see them.
    "withdrawals": OPTIONAL_CACHE
    or {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "withdrawals",
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
    {"NAME": "metropolis_tracker.accounts.passwords.SiteNameValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "metropolis_tracker.accounts.adapter.AccountAdapter"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "metropolis_tracker.accounts.tokens.TokenGenerator"  # noqa: S105 (a class)
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator vouches for the address
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Metropolis Tracker: "
ACCOUNT_RATE_LIMITS = {  # the three in seconds are explained in AccountAdapter; the others limit floods of requests
    "login": "120/m/ip",
    "login_failed": "5/300s/key",
    "address": "100/600s/key",
    "account": "50/3600s/key",
    "change_password": "5/5m/user",
    "reset_password": "3/10m/key,20/m/ip",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900  # seconds; later, changing password or factors asks for the password again
ACCOUNT_USER_DISPLAY = "metropolis_tracker.accounts.models.display_name"
SECOND_FACTOR = env.bool("SECOND_FACTOR", HTTPS)  # required from the Secretariat and administrators
MFA_ADAPTER = "metropolis_tracker.accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # PIN, fingerprint or face, so that a stolen key alone is useless
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator vouches for the address
MFA_TOTP_ISSUER = "Metropolis Tracker"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS  # for loopback, which has no TLS
SESSION_ENGINE = "metropolis_tracker.accounts.session_store"
SESSION_COOKIE_AGE = 14 * 24 * 3600
ADMIN_EMAIL = env.str("ADMIN_EMAIL", "administrator@metropolis.example")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", ADMIN_EMAIL)  # of the Secretariat: replies go there, and a page shows it
vars().update(env.url("EMAIL_URL", EMAIL_URL, env.email_url_config))
EMAIL_TIMEOUT = 10  # seconds; mail is sent outside requests, so a hanging server delays only the mail
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Metropolis Tracker <tracker@metropolis.example>")

# Whether `check_links` asks other servers: see deliverables/link_checks.
CHECK_LINKS = env.bool("CHECK_LINKS", False)

# Sign-in of the organisation by OpenID Connect. Where it is off, none of it is installed.
OIDC = organisation_sign_in(
    url=OIDC_URL,
    client_id=env.str("OIDC_CLIENT_ID", ""),
    secret=env.str("OIDC_CLIENT_SECRET", ""),
    name=env.str("OIDC_NAME", ""),
    roles=env.list("OIDC_ROLES", default=[]),
    roles_claim=env.str("OIDC_ROLES_CLAIM", "roles"),
    trust_email=env.bool("OIDC_TRUST_EMAIL", False),
)
if OIDC:
    INSTALLED_APPS += ORGANISATION_APPS
    vars().update(allauth_settings(OIDC))

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("fr", "Français")]  # each in its own language
LOCALE_PATHS = [BASE_DIR / "metropolis_tracker" / "locale"]
TIME_ZONE = env.time_zone("TIME_ZONE", "Europe/Madrid")  # the Secretariat General is in Barcelona
USE_TZ = True
FORMAT_MODULE_PATH = "metropolis_tracker.formats"

# Uploaded and static files
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "metropolis_tracker.config.stylesheets.StylesheetFinder",
    "metropolis_tracker.config.heading_font.HeadingFontFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "evidence": evidence_storage(env.str("FILES_URL", ""), DATA_DIR / "files"),
}
BACKUP_URL = backup_url(env.str("BACKUP_URL", ""), DATA_DIR / "backups")  # for `manage.py backup`

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "object-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PREFIX = "__Host-" if HTTPS else ""  # browsers accept this prefix only over TLS and only for this host
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{PREFIX}sessionid", f"{PREFIX}csrftoken"
MESSAGES_COOKIE_NAME = f"{PREFIX}messages"
# Who was signed in last, and what a stranger has typed: see metropolis_tracker/middleware/form_drafts.py.
PERSON_COOKIE_NAME, DRAFT_COOKIE_NAME = f"{PREFIX}person", f"{PREFIX}draft"
CSRF_FAILURE_VIEW = "metropolis_tracker.error_pages.csrf_failure"
MESSAGE_STORAGE = "metropolis_tracker.config.message_storage.MessageStorage"
CSRF_COOKIE_HTTPONLY = True  # scripts read the token from the page instead
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]  # requested from the machine itself, without TLS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # otherwise all readers behind it would share one limit on sign-in
if not is_production(urlsplit(SITE_URL)):
    SILENCED_SYSTEM_CHECKS = [f"security.W{number}" for number in ("004", "008", "012", "016")]  # loopback has no TLS
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = upload_limits.FORM

LOG_LEVEL = env.log_level("LOG_LEVEL", "WARNING")
LOG_FORMAT = "line" if sys.stderr.isatty() else "json"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
        "json": {"()": "metropolis_tracker.config.json_logging.JsonFormatter"},
    },
    "filters": {"report links": {"()": "metropolis_tracker.config.log_filter.HideReportLinks"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["report links"]},
        "security": {"class": "logging.StreamHandler", "formatter": "json"},
    },
    "loggers": {
        "tracker.security": {"handlers": ["security"], "level": "INFO", "propagate": False},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
send_error_reports(env.str("SENTRY_DSN", ""))

# The port of the metrics for Prometheus on loopback, 0 for none: see metropolis_tracker/metrics.py.
METRICS_PORT = env.number("METRICS_PORT", 0, least=0)
