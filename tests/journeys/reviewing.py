"""Everybody who is asked for a review does it on its page."""

from weineng.assessment.models import Assignment
from weineng.ops.demo import handing_in


def everybody_rates(stage, world, *, failing=()):
    """Every reviewer with something to do does it; the pieces of `failing` points do not reach a pass."""
    for _round in range(3):
        stage.settle()
        waiting = Assignment.objects.filter(state__in=("assigned", "opened")).order_by("reviewer")
        for reviewer in sorted(set(waiting.values_list("reviewer", flat=True))):
            visitor = stage.as_(world.member(reviewer).name)
            page = visitor.get("/review/")
            while handing_in.has_next(page):
                page = page.send(action="/next/")
                while any(form.action.endswith("/save/") for form in page.read.forms):
                    page = rate(page, failing)
                page = visitor.get("/review/")
    stage.settle()


def rate(page, failing):
    form = page.form(do="finish")
    bad = any(f"{point} " in page.text for point in failing)
    values = {}
    for piece in sorted(name.partition("-")[2] for name in form.names if name.startswith("revision-")):
        if (name := f"tick-{piece}") in form.names:
            values[name] = [] if bad else [key for key, _said in form.options.get(name, ()) if "excellent" not in key]
        values |= {f"looked-{piece}": "1", f"comment-{piece}": "请写明数据来源。" if bad else "步骤清楚。"}
    return page.send(values, do="finish")
