"""The embedded PostgreSQL: the same engine and the same SQL as in production, with nothing to install by hand.

`programs` finds the server's binaries, `server` starts and stops one server in a data folder, `base` is the Django
backend that starts it when the first connection is opened. Nothing here needs Django settings.
"""
