"""Weineng: one network to manage, many networks to learn.

Runs a teacher-development programme for a whole province, from the roster to the last certificate.
ARCHITECTURE.md says where things live and why.
"""

__version__ = "0.1.0"
