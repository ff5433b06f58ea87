"""The outside services: storage of files, mail.

Every call that leaves the platform goes through here and behind one small interface each, so that a folder and an
S3-compatible store, or a mailbox and a mail server, can be exchanged by a setting. Only named modules may import it.
"""
