"""Out of the tables, in the order of time: each filter reads along an index that ends in `seq` and stops at its limit.

What an agent or activity is related to is found by either of two ways (as the actor or object, or in `Relation`), so a filter becomes
several reads whose rows are put together. Statements that target one which matches are found from the side that is shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

from django.db import connection

from weineng.statements.models import Relation, Statement

FEW = 2_000  # statements that target, or that match: from the side of which there are so few, the others are looked for
_S, _R = Statement._meta.db_table, Relation._meta.db_table
_SHOWN = (
    "s.digest <> '' and (s.voids or not exists (select 1 from"
    f' "{_S}" v where v.source_id = s.source_id and v.target = s.sid and v.voids))'
)


@dataclass(frozen=True)
class Way:
    """One way to match: a column of the statement, or '' for a row of `Relation`, that has one of these keys."""

    column: str
    keys: tuple[int, ...]


@dataclass(frozen=True)
class Range:
    """Which part of the order: `after` < seq < `before` (None: no end), from its beginning (`ascending`) or its end; at most `most`."""

    after: int | None
    before: int | None
    ascending: bool
    most: int


@dataclass
class _Sql:
    text: str
    params: list[Any]


def find(sources: Sequence[int], filters: Sequence[Sequence[Way]], part: Range) -> list[int]:
    """The places (`seq`) of the statements of these sources that match every filter by one of its ways, or target one that does; what is
    voided or emptied is left out."""
    direct = [_select(sources, ways, part) for ways in product(*filters)]
    found = {seq for sql in direct for (seq,) in _rows(sql)}
    if filters and (many := _targets(sources)):
        found |= _targeting(sources, filters, part, few=many <= FEW)
    return sorted(found, reverse=not part.ascending)[: part.most]


def bodies(seqs: Sequence[int], *, ascending: bool, most: int) -> dict[int, str]:
    """The statements at these places in order: the first one, and those after it that begin within so many characters."""
    order = "asc" if ascending else "desc"
    sql = (
        f"select seq, body from (select seq, body, sum(length(body)) over (order by seq {order}) - length(body) as ahead"
        f" from {_S} where seq = any(%s) and digest <> '') held where ahead < %s order by seq {order}"
    )
    return dict(_rows(_Sql(sql, [list(seqs), max(most, 1)])))


def single(sources: Sequence[int], sid: UUID, *, voided: bool) -> tuple[int, str] | None:
    """Place and body of the statement of this id, voided or not as asked for; None where there is none."""
    condition = f"s.digest <> '' and not ({_SHOWN})" if voided else _SHOWN
    sql = (
        f'select s.seq, s.body from "{_S}" s where s.source_id = any(%s) and s.sid = %s and {condition} order by s.seq'
    )
    return next(iter(_rows(_Sql(sql, [list(sources), sid]))), None)


def _rows(sql: _Sql) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return list(cursor.fetchall())


def _select(sources: Sequence[int], ways: Sequence[Way], part: Range) -> _Sql:
    """What matches each filter by one given way, in order and no more than asked for."""
    matching = _matching(sources, ways)
    ends = _ends(part)
    order = "asc" if part.ascending else "desc"
    return _Sql(
        f"select s.seq {matching.text}{ends.text} and {_SHOWN} order by s.seq {order} limit %s",
        [*matching.params, *ends.params, part.most],
    )


def _matching(sources: Sequence[int], ways: Sequence[Way]) -> _Sql:
    joins, conditions, params = [], [], []
    for number, way in enumerate(way for way in ways if not way.column):
        joins.append(f' join "{_R}" r{number} on r{number}.statement_id = s.seq')
        conditions.append(f"r{number}.key {_among(way.keys)}")
        params.append(_given(way.keys))
    for way in ways:
        if way.column:
            conditions.append(f"s.{way.column} {_among(way.keys)}")
            params.append(_given(way.keys))
    conditions.append(f"s.source_id {_among(sources)}")
    params.append(_given(sources))
    return _Sql(f'from "{_S}" s{"".join(joins)} where {" and ".join(conditions)}', params)


def _among(keys: Sequence[int]) -> str:
    return "= %s" if len(keys) == 1 else "= any(%s)"


def _given(keys: Sequence[int]) -> Any:
    return keys[0] if len(keys) == 1 else list(keys)


def _ends(part: Range) -> _Sql:
    ends = [(" and s.seq > %s", part.after), (" and s.seq < %s", part.before)]
    return _Sql("".join(text for text, end in ends if end is not None), [end for _text, end in ends if end is not None])


# --- Statements that target one that matches -------------------------------------------------------------------------
def _targets(sources: Sequence[int]) -> int:
    """How many statements target another; no more than `FEW` and one are counted."""
    sql = f'select 1 from "{_S}" where source_id {_among(sources)} and target is not null limit {FEW + 1}'
    return len(_rows(_Sql(sql, [_given(sources)])))


def _targeting(sources: Sequence[int], filters: Sequence[Sequence[Way]], part: Range, *, few: bool) -> set[int]:
    """Those that target a match: looked for among the `few` that target something, else from the matches if those are few."""
    matching = [_matching(sources, ways) for ways in product(*filters)]
    sql = " union ".join(f"(select s.seq, s.source_id, s.sid {one.text} limit {FEW + 1})" for one in matching)
    params = [param for one in matching for param in one.params]
    if few or _rows(_Sql(f"select count(*) from ({sql}) matches", params))[0][0] > FEW:
        chain = _from_targets(sources, matching)
    else:
        chain = _from_matches(sql, params)
    ends, order = _ends(part), "asc" if part.ascending else "desc"
    text = (
        f'{chain.text} select s.seq from "{_S}" s where s.seq in (select seq from found) and s.target is not null{ends.text}'
        f" and {_SHOWN} order by s.seq {order} limit %s"
    )
    return {seq for (seq,) in _rows(_Sql(text, [*chain.params, *ends.params, part.most]))}


def _from_matches(matches: str, params: list[Any]) -> _Sql:
    """From the few that match to those that target them, and on."""
    return _Sql(
        f"with recursive found(seq, source_id, sid) as (select * from ({matches}) matches union"
        f' select s.seq, s.source_id, s.sid from "{_S}" s join found on s.source_id = found.source_id and s.target = found.sid)',
        params,
    )


def _from_targets(sources: Sequence[int], matching: Sequence[_Sql]) -> _Sql:
    """From those that target something along to what they target in the end."""
    hits = " union ".join(
        f"select chain.seq {one.text.replace(' where ', ' join chain on chain.source_id = s.source_id and chain.at = s.sid where ', 1)}"
        for one in matching
    )
    return _Sql(
        f'with recursive chain(seq, source_id, at) as (select seq, source_id, target from "{_S}" where source_id = any(%s)'
        f' and target is not null union select chain.seq, s.source_id, s.target from chain join "{_S}" s'
        f" on s.source_id = chain.source_id and s.sid = chain.at where s.target is not null), found(seq) as ({hits})",
        [list(sources), *(param for one in matching for param in one.params)],
    )
