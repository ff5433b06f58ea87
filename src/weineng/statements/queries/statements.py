"""What a platform asks of statements: one of them, or a page of those that match."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from weineng.kernel.actors import Actor
from weineng.kernel.clock import now
from weineng.kernel.refusals import NotFound
from weineng.statements.measures import reading, writing
from weineng.statements.measures.reading import Range, Way
from weineng.statements.models import Activity, Attachment, Source
from weineng.statements.queries.sources import sources_read
from weineng.statements.rules.formats import iris_of, shown
from weineng.statements.rules.keys import key_of
from weineng.statements.rules.rows import Content
from weineng.statements.rules.times import at_millisecond, first_at, microseconds

MOST = 200  # statements of a page …
LARGEST = 8 << 20  # … and characters, about


@dataclass(frozen=True)
class Asked:
    """What is wanted of statements: `agent` as `rules.keys.identity` writes it, `since` exclusive, `until` inclusive, `limit` 0 for as many
    as there can be; `start`: the place after which a page goes on."""

    agent: str = ""
    related_agents: bool = False
    verb: str = ""
    activity: str = ""
    related_activities: bool = False
    registration: str = ""
    since: datetime | None = None
    until: datetime | None = None
    ascending: bool = False
    limit: int = 0
    start: int | None = None


@dataclass(frozen=True)
class Page:
    """Statements as JSON by their place, in order; `more`: the place after which the next page begins, None where there is none."""

    bodies: Mapping[int, str]
    more: int | None


def page_of(by: Actor, asked: Asked) -> Page:
    """The statements within reach that match, at most `MOST`, fewer where they are large."""
    sources = sources_read(by)
    most = min(asked.limit or MOST, MOST)
    if not sources:
        return Page({}, None)
    found = reading.find(sources, _filters(sources, asked), _range(asked, most + 1))
    bodies = reading.bodies(found[:most], ascending=asked.ascending, most=LARGEST)
    return Page(bodies, next(reversed(bodies), None) if len(bodies) < len(found) else None)


def statement_of(by: Actor, sid: UUID, *, voided: bool = False) -> tuple[int, str]:
    """Place and JSON of one statement within reach, which is voided or not as asked for; refuses `not-found`."""
    sources = sources_read(by)
    found = reading.single(sources, sid, voided=voided) if sources else None
    if found is None:
        raise NotFound("statements.statement")
    return found


def _filters(sources: Sequence[int], asked: Asked) -> list[list[Way]]:
    def keys(kind: str, text: str) -> tuple[int, ...]:
        return tuple(key_of(source, kind, text) for source in sources)

    filters = []
    if asked.agent:
        kind = "related" if asked.related_agents else "named"
        filters.append([Way("actor_id", keys("agent", asked.agent)), Way("", keys(kind, asked.agent))])
    if asked.verb:
        filters.append([Way("verb", keys("verb", asked.verb))])
    if asked.activity:
        ways = [Way("activity", keys("activity", asked.activity))]
        filters.append([*ways, Way("", keys("around", asked.activity))] if asked.related_activities else ways)
    if asked.registration:
        filters.append([Way("registration", keys("registration", asked.registration))])
    return filters


def _range(asked: Asked, most: int) -> Range:
    after = first_at(asked.since, after=True) - 1 if asked.since else None
    before = first_at(asked.until, after=True) if asked.until else None
    if asked.start is not None and asked.ascending:
        after = max(asked.start, after if after is not None else asked.start)
    elif asked.start is not None:
        before = min(asked.start, before if before is not None else asked.start)
    return Range(after, before, asked.ascending, most)


def in_format(bodies: Mapping[int, str], form: str, languages: Sequence[str], sources: Sequence[int]) -> list[Content]:
    """Statements in the format `ids` or `canonical`; of activities what the sources read say of them."""
    contents = [orjson.loads(body) for body in bodies.values()]
    definitions: dict[str, Content] = {}
    if form == "canonical":
        iris = {iri for content in contents for iri in iris_of(content)}
        keys = [key_of(source, "activity", iri) for source in sources for iri in sorted(iris)]
        rows = Activity.objects.filter(key__in=keys).exclude(definition="").order_by("-source", "key")
        definitions = {row.iri: orjson.loads(row.definition) for row in rows}
    return [shown(content, form, definitions, languages) for content in contents]


def attachments_of_page(seqs: Sequence[int]) -> list[tuple[Attachment, str]]:
    """The files of these statements, each once, with the code of their source."""
    rows = Attachment.objects.filter(statement__in=seqs).select_related("statement").order_by("pk")
    once = {row.digest: row for row in rows}
    codes = dict(Source.objects.order_by("pk").values_list("pk", "code"))
    return [(row, codes[row.statement.source_id]) for row in once.values()]


def consistent_through() -> datetime:
    """The instant before which every statement that is or will be stored can be read."""
    return at_millisecond(writing.writing_since(microseconds(now()) // 1000))
