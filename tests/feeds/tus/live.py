"""The web server that test_live kills: the tests' settings on the test's own database and folders."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

from django.conf import settings

settings.DATABASES["default"]["NAME"] = os.environ["LIVE_DATABASE"]
settings.UPLOADS = os.environ["LIVE_FOLDER"] + "/uploads"
settings.FILE_STORE = {
    "class": "weineng.gateways.storage.FolderStore",
    "options": {"folder": os.environ["LIVE_FOLDER"] + "/store"},
}
settings.DISK_RESERVE = 0

from weineng.config.wsgi import application  # noqa: E402
from weineng.feeds.tus.purposes import KINDS, Kind  # noqa: E402
from weineng.files.rules import MB, Limits  # noqa: E402

KINDS["tests.thing"] = Kind(
    lambda by, thing: Limits({"video": 500 * MB, "document": 50 * MB}), lambda by, thing, upload: None
)
__all__ = ["application"]
