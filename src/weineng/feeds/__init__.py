"""The door for files and providers: sheets that come and go, learning records of providers.

Reads what offices and platforms send, calls actions, and hands the sender's own file back with what was wrong.
"""
