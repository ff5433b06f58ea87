"""Django's PostgreSQL backend, with one addition: opening a connection starts the embedded server if it does not run.

Lazy on purpose: checks, translations and type checks read the settings and must not start a server.
"""

from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base

from weineng.ops.postgres.server import ensure_running


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
