"""The tables of `statements`, one file per noun."""

from weineng.statements.models.documents import Document, DocumentQuerySet
from weineng.statements.models.sources import Activity, Agent, Source, SourceQuerySet
from weineng.statements.models.statements import ERASED, Attachment, Pending, Relation, Statement, Stray

__all__ = [
    "ERASED",
    "Activity",
    "Agent",
    "Attachment",
    "Document",
    "DocumentQuerySet",
    "Pending",
    "Relation",
    "Source",
    "SourceQuerySet",
    "Statement",
    "Stray",
]
