"""Django's PostgreSQL backend, with one addition: opening a connection starts the embedded server if it does not run.

Lazy on purpose: checks, translations and type checks read the settings and must not start a server.
"""

import time
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base

from weineng.ops.postgres.server import ensure_running

TIMES, PAUSE = 3, 0.3  # seconds between


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS["embedded"]` is the server's folder; `OPTIONS["embedded_test"]` trades its safety for speed."""

    def get_connection_params(self) -> dict[str, Any]:
        """Connection parameters of a server that runs."""
        options = self.settings_dict["OPTIONS"]
        if folder := options.get("embedded"):
            ensure_running(Path(folder), test=options.get("embedded_test", False))
        params: dict[str, Any] = super().get_connection_params()
        for ours in ("embedded", "embedded_test"):  # libpq does not know them
            params.pop(ours, None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection; tried again where the server died in the very moment in which it was found to run."""
        folder = self.settings_dict["OPTIONS"].get("embedded")
        for _time in range(TIMES - 1 if folder else 0):
            try:
                return super().get_new_connection(conn_params)
            except self.Database.OperationalError:
                time.sleep(PAUSE)
                ensure_running(Path(folder), test=self.settings_dict["OPTIONS"].get("embedded_test", False))
        return super().get_new_connection(conn_params)
