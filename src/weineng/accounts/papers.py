"""Activation slips on A4, for a group or a whole school in staff order."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as say

from weineng.accounts.actions.codes import Slip
from weineng.accounts.queries import people_at
from weineng.gateways.papers import compile_paper, qr_svg
from weineng.kernel.clock import CIVIL, now
from weineng.organisations.models import Unit

_TEMPLATE = Path(str(files("weineng.accounts") / "templates" / "accounts" / "slips.typ"))


def slips_paper(*, unit: Unit, slips: Sequence[Slip]) -> bytes:
    """The PDF of slips in the order given, eight to a page, in the language now active.

    Each names the person with group and staff number, sign-in name and code, how to use it and until when, and carries a
    QR code that opens the page with the code filled in.
    """
    posts = {post.person_id: post for post in people_at(unit).select_related("unit", "school")}
    rows = []
    for slip in slips:
        post = posts.get(slip.person)
        places = dict.fromkeys((post.school.name, post.unit.name)) if post else [unit.name]
        rows.append({
            "name": slip.name,
            "staff_number": post.staff_number if post else "",
            "places": list(places),
            "sign_in_name": slip.sign_in_name,
            "code": slip.code,
            "qr": qr_svg(code_link(slip.code)),
        })  # fmt: skip
    until = slips[0].expires_at.astimezone(CIVIL) if slips else now().astimezone(CIVIL)
    words = {
        "sign_in_name": say("Sign-in name"),
        "code": say("Activation code"),
        "steps": [
            say("1. Scan the picture, or open %(site)s and choose: I have a code.") % {"site": settings.SITE},
            say("2. Enter the code and check that it is you."),
            say("3. Set your password."),
        ],
        "until": say("Good once, until %(until)s. Keep it to yourself: whoever has it can open your account.")
        % {"until": f"{date_format(until, 'DATE_FORMAT')} {until:%H:%M}"},
    }
    data = {
        "title": say("Activation slips"), "unit": unit.name, "words": words, "slips": rows,
        "printed": date_format(now().astimezone(CIVIL), "DATE_FORMAT"),
    }  # fmt: skip
    return compile_paper(_TEMPLATE, data, at=now())


def code_link(code: str) -> str:
    """The address at which a code is entered, with the code in it."""
    return f"{settings.SITE}/sign-in/code/?{urlencode({'code': code})}"
