"""What can be asked of `statements`."""

from weineng.statements.queries.sources import own_source, sources_read

__all__ = ["own_source", "sources_read"]
