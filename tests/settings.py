"""The platform's own settings with a test run's environment: nothing of this machine's installation is read or touched."""

import atexit
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

_folder = tempfile.mkdtemp(prefix="weineng-test-")
_owner = os.getpid()
atexit.register(lambda: shutil.rmtree(_folder, ignore_errors=True) if os.getpid() == _owner else None)

for _name in [name for name in os.environ if name.startswith("WEINENG_") and not name.startswith("WEINENG_TEST_")]:
    del os.environ[_name]
os.environ.pop("DATABASE_URL", None)
if _url := os.environ.get("WEINENG_TEST_DATABASE_URL"):
    os.environ["DATABASE_URL"] = _url
os.environ["WEINENG_DATA"] = _folder
os.environ["WEINENG_SECRET"] = "a secret of tests"
os.environ["WEINENG_ID_KEY"] = "an id key of tests"

from weineng.config.settings import *  # noqa: E402, F403
from weineng.config.settings import DATABASES, STORAGES  # noqa: E402
from weineng.ops.postgres.server import socket_folder  # noqa: E402

# One server for all test runs of this account: starting one costs more than most test files.
TEST_POSTGRES = Path(
    os.environ.get("WEINENG_TEST_PG") or Path(tempfile.gettempdir()) / f"weineng-test-pg-{os.geteuid()}"
)
if "WEINENG_TEST_DATABASE_URL" not in os.environ:
    DATABASES["default"] |= {
        "HOST": str(socket_folder(TEST_POSTGRES)),
        "NAME": "postgres",
        "OPTIONS": {"embedded": str(TEST_POSTGRES), "embedded_test": True},
    }
DATABASES["default"]["CONN_MAX_AGE"] = 0
# Two work trees, two workers, two runs: each has a database of its own; the process in its name says when it may go.
DATABASES["default"]["TEST"] = {"NAME": f"test_{os.getpid()}_{hashlib.sha256(_folder.encode()).hexdigest()[:6]}"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a safe hash costs 200 ms
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
HASHED_STATIC = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
API_CALLS_AT_ONCE = XAPI_CALLS_AT_ONCE = 1_000_000  # what a key may do is tested by itself
