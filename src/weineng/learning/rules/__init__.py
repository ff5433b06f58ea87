"""What a source may say of a learning event, row by row or as statements, without the database."""

from weineng.learning.rules.records import (
    CLOCK_SKEW,
    DERIVED,
    EARLIEST,
    ID_LENGTH,
    LONGEST,
    RESERVED,
    Books,
    RecordRow,
    RowResult,
    check_row,
    content_hash,
    minutes_of,
)
from weineng.learning.rules.sandbox import INVENTED, invented_mail, invented_number, invented_people, now_there
from weineng.learning.rules.statements import (
    MINUTES_BY,
    NEEDS,
    AgreedRule,
    Understanding,
    duration_seconds,
    read_statement,
    title_of,
)

__all__ = [
    "CLOCK_SKEW",
    "DERIVED",
    "EARLIEST",
    "ID_LENGTH",
    "INVENTED",
    "LONGEST",
    "MINUTES_BY",
    "NEEDS",
    "RESERVED",
    "AgreedRule",
    "Books",
    "RecordRow",
    "RowResult",
    "Understanding",
    "check_row",
    "content_hash",
    "duration_seconds",
    "invented_mail",
    "invented_number",
    "invented_people",
    "minutes_of",
    "now_there",
    "read_statement",
    "title_of",
]
