"""Shared by the tests of posts: a person's posts as plain tuples."""

from weineng.organisations.models import Posting


def posts(person):
    rows = Posting.objects.filter(person=person).order_by("during", "unit")
    return [(row.unit_id, row.home, row.during.lower, row.during.upper) for row in rows]
