"""Counting a set: the steps of records and results put together into lines (semantics 2–12, 17)."""

from django.db import connection

from weineng.progress.measures.papers import Papers
from weineng.progress.measures.records import record_lines, record_steps
from weineng.progress.measures.results import last_lines, last_steps


def count_minutes(papers: Papers) -> int:
    """Write the lines of the set into the scratch table `counting_line`; returns how many."""
    sql = f"""
insert into counting_line
with recursive {papers.relations("paper", "cap_line", "last_cap", "earning")},
{record_steps(papers)},
{last_steps(papers)}
{record_lines(papers)}
union all
{last_lines(papers)}"""
    with connection.cursor() as cursor:
        cursor.execute(sql, papers.params)
        return int(cursor.rowcount)
