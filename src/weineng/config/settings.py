"""Every setting of the platform. Values that differ between installations come from the environment (docs/operations)."""

from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from weineng.config import env
from weineng.ops.postgres.server import DATABASE, socket_folder

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent.parent
DATA = env.data_folder(CHECKOUT)

# --- Mode ---------------------------------------------------------------------------------------------------------
DEMO = env.flag("WEINENG_DEMO")  # the clock can be set forward, and the sign-in page offers invented people
DEBUG = env.flag("WEINENG_DEBUG")
HOSTS = env.words("WEINENG_HOSTS", "localhost,127.0.0.1,[::1]")
ALLOWED_HOSTS = HOSTS
SITE = env.text("WEINENG_SITE", "http://127.0.0.1:8000")  # printed on slips, certificates and in mails
HTTPS = SITE.startswith("https://")

# --- Database -----------------------------------------------------------------------------------------------------
POSTGRES = DATA / "postgres"
if url := env.text("DATABASE_URL"):
    DATABASES = {"default": dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))}
    EMBEDDED = False
else:
    EMBEDDED = True
    DATABASES = {
        "default": {
            "ENGINE": "weineng.ops.postgres",
            "NAME": DATABASE,
            "USER": "postgres",
            "HOST": str(socket_folder(POSTGRES)),
            "CONN_MAX_AGE": 600,  # a new connection costs more than most pages
            "CONN_HEALTH_CHECKS": True,  # after a restart of the server the next request just works
            "OPTIONS": {"embedded": str(POSTGRES)},
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Secrets ------------------------------------------------------------------------------------------------------
# An installation that runs by itself (embedded database) makes its own; one with a real database is told.
SECRET_KEY = env.secret("WEINENG_SECRET", make_in=DATA if EMBEDDED else None)
SECRET_KEY_FALLBACKS = env.words("WEINENG_SECRETS_BEFORE")  # so that changing the secret signs nobody out

# Data keys, oldest first: personal numbers are encrypted under the last one and readable under all.
DATA_KEYS = [*env.words("WEINENG_DATA_KEYS_BEFORE"), env.secret("WEINENG_DATA_KEY", make_in=DATA if EMBEDDED else None)]

# --- Modules, in the order of the tower ---------------------------------------------------------------------------
MODULES = [
    "kernel",
    "sheets",
    "audit",
    "notices",
    "gateways",
    "organisations",
    "accounts",
    "standards",
    "files",
    "statements",
    "activities",
    "programmes",
    "planning",
    "learning",
    "evidence",
    "assessment",
    "progress",
    "certification",
    "insight",
    "web",
    "rest",
    "feeds",
    "ops",
]
INSTALLED_APPS = [
    "django.contrib.contenttypes",  # required by auth
    "django.contrib.auth",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    *(f"weineng.{module}.apps.{module.capitalize()}Config" for module in MODULES),
]
AUTH_USER_MODEL = "accounts.Account"

# --- Requests -----------------------------------------------------------------------------------------------------
ROOT_URLCONF = "weineng.config.urls"
WSGI_APPLICATION = "weineng.config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "weineng.web.shell.compression.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "weineng.web.shell.actors.ActorMiddleware",  # after the token check: a form is kept only if it came from our own page
    "axes.middleware.AxesMiddleware",  # last: it turns a locked-out sign-in into its page
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "weineng.web.shell.context.shell",
            ],
            "builtins": [  # every template has them: pages start with their content, not with {% load %}
                "django.templatetags.i18n",
                "django.templatetags.static",
                "weineng.web.templatetags.words",
                "weineng.web.templatetags.parts",
            ],
        },
    }
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [SITE] if HTTPS else []
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # the proxy in front must set or strip it
    SECURE_HSTS_SECONDS = 31_536_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # forms and API bodies; files come in parts through their own door
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- Sign-in ------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "weineng.web.account.backends.AccountBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []  # the rules are those of accounts/rules.py, with their own refusals
PASSWORD_DAYS = env.number("WEINENG_PASSWORD_DAYS", 0)  # strong roles change theirs after so many days; 0: never
LOGIN_URL = "/sign-in/"
CHANGE_URL = "/account/password/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
SESSION_ENGINE = "weineng.web.shell.sessions"
SESSION_COOKIE_NAME = "weineng_session"
SESSION_COOKIE_AGE = 30 * 24 * 3600  # longer than any idle time: whose form it was must still be known when it is kept
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "weineng.web.shell.answers.csrf_failure"
CSRF_COOKIE_NAME = "weineng_csrf"
CSRF_COOKIE_HTTPONLY = True  # forms and htmx carry the token in the page
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
# Five failures lock an account (accounts/rules.py). This is about an address that tries many: a school shares one, so the
# limit is high, and somebody else's success in it resets nothing.
AXES_FAILURE_LIMIT = env.number("WEINENG_ADDRESS_FAILURES", 100)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = ["ip_address"]
AXES_RESET_ON_SUCCESS = False
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "weineng.web.account.signing_in.address_locked"
AXES_CLIENT_IP_CALLABLE = "weineng.web.shell.sessions.client_address"
AXES_SENSITIVE_PARAMETERS = ["username", "name", "password", "code", "token", "kept"]
AXES_DISABLE_ACCESS_LOG = True  # every sign-in has its line in the audit log
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
API_CALLS_A_SECOND = env.number("WEINENG_API_CALLS_A_SECOND", 10)  # of one key, in each web process, over a while …
API_CALLS_AT_ONCE = env.number("WEINENG_API_CALLS_AT_ONCE", 100)  # … and at once after a pause
# Of the record store: a platform may send each statement by itself while a whole county learns.
XAPI_CALLS_A_SECOND = env.number("WEINENG_XAPI_CALLS_A_SECOND", 500)
XAPI_CALLS_AT_ONCE = env.number("WEINENG_XAPI_CALLS_AT_ONCE", 2_000)
XAPI_LARGEST = env.number("WEINENG_XAPI_LARGEST_MB", 100) << 20  # bytes of a call with its attachments
PROXIES = env.number("WEINENG_PROXIES", 0)  # how many proxies of ours stand in front; X-Forwarded-For counts that far
TOTP_ISSUER = env.text("WEINENG_TOTP_ISSUER", "Weineng")  # the name under which a telephone lists the code
DEMO_ACCOUNTS = DATA / "demo-accounts.json"  # who the sign-in page of a demonstration offers

# --- Language and time --------------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("zh-hant", _("Traditional Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "weineng_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- Files --------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
HASHED_STATIC = not DEBUG  # names carry the content's hash: cached for ever, changed at once
FILE_STORE: dict[str, Any]
UPLOADS = env.folder("WEINENG_UPLOADS", DATA / "uploads")  # bytes on their way; several web servers share this folder
if bucket := env.text("WEINENG_S3_BUCKET"):
    S3_ENDPOINT = env.text("WEINENG_S3_ENDPOINT")  # none: Amazon's own
    S3_DIRECT = env.flag("WEINENG_S3_DIRECT")  # browsers fetch from the endpoint by short-lived signed addresses
    FILE_STORE = {
        "class": "weineng.gateways.s3.S3Store",
        "options": {
            "bucket": bucket,
            "endpoint": S3_ENDPOINT,
            "region": env.text("WEINENG_S3_REGION"),
            "key": env.text("WEINENG_S3_KEY"),
            "secret": env.secret("WEINENG_S3_SECRET") if env.text("WEINENG_S3_KEY") else "",
            "folder": env.text("WEINENG_S3_FOLDER"),
            "direct": S3_DIRECT,
        },
    }
    if S3_DIRECT and S3_ENDPOINT:
        for directive in ("img-src", "media-src"):
            CONTENT_SECURITY_POLICY["DIRECTIVES"][directive].append(S3_ENDPOINT)
else:
    FILE_STORE = {"class": "weineng.gateways.storage.FolderStore", "options": {"folder": DATA / "files"}}
UPLOAD_QUOTA = env.number("WEINENG_UPLOAD_QUOTA_MB", 20_000) << 20  # bytes one person may keep here
UPLOADS_OPEN = 30  # uploads one person may have on their way at once
DISK_RESERVE = env.number("WEINENG_DISK_RESERVE_MB", 1_000) << 20  # below this no new upload begins
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA / "files"}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not HASHED_STATIC
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- Mail ---------------------------------------------------------------------------------------------------------
EMAIL_HOST = env.text("WEINENG_MAIL_HOST")
EMAIL_PORT = env.number("WEINENG_MAIL_PORT", 587)
EMAIL_HOST_USER = env.text("WEINENG_MAIL_USER")
EMAIL_HOST_PASSWORD = env.secret("WEINENG_MAIL_PASSWORD") if EMAIL_HOST_USER else ""
EMAIL_USE_TLS = env.flag("WEINENG_MAIL_TLS", default=EMAIL_PORT == 587)
EMAIL_USE_SSL = EMAIL_PORT == 465
DEFAULT_FROM_EMAIL = env.text("WEINENG_MAIL_FROM", "weineng@localhost")
if not EMAIL_HOST:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

# --- Audit --------------------------------------------------------------------------------------------------------
ANCHORS = env.text("WEINENG_ANCHORS", str(DATA / "anchors.jsonl"))  # a file the platform cannot rewrite, in production

# --- Log ----------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django.request": {"level": "ERROR"}},  # what a visitor mistyped is no event
    "root": {"handlers": ["console"], "level": env.text("WEINENG_LOG_LEVEL", "WARNING")},
}
