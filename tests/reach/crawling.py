"""Every address with real ids, and everything that can be read in an answer."""

import io
import re
import zipfile

import pypdfium2
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.converters import get_converters

from weineng.accounts.models import Grant

PART = re.compile(r"<(?:(\w+):)?(\w+)>")
ROLES = {
    "teacher": ("teacher", ""), "group-leader": ("leader", "group-leader"), "cio": ("cio", "cio"), "principal": ("principal", "principal"),
    "panel-member": ("panel_1", "panel-member"), "office": ("office", "office"), "auditor": ("auditor", "auditor"),
    "deputy": ("colleague", "delegation"), "signed-out": ("", ""),
}  # fmt: skip
SLUGS = {
    "edition": ("ecnu-2019-unofficial",), "point": ("A1",), "item": ("point",), "code": ("none",), "word": ("none",), "name": ("x",),
    "kind": ("roster",), "number": ("1",), "provider": ("qingyun",),
    "programme": ("p4-district",), "unit": ("0" * 13,), "stage": ("sample",),
    "section": ("demands",), "row": ("0",), "what": ("records", "check"),
}  # fmt: skip


def clients(districts, sign_in, roles=tuple(ROLES)):
    """A browser for each role (or each of these), signed in, acting in it."""
    made = {}
    for role in roles:
        who, post = ROLES[role]
        made[role] = client = Client()
        if not who:
            continue
        member = districts.world.people[who]
        word = ""
        if post == "delegation":
            from weineng.accounts.models import Delegation

            word = f"delegation:{Delegation.objects.get(agent=member.person).pk}"
        elif post:
            word = f"grant:{Grant.objects.filter(person=member.person, role=post).get().pk}"
        sign_in(client, member, word)
    return made


def addresses():
    """(name, path with places, view) of everything but the API's own description."""
    return list(_walk(get_resolver("weineng.config.urls")))


def _walk(resolver, where="/", space=""):
    for entry in resolver.url_patterns:
        path = where + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name}", path, entry.callback
        else:
            yield from _walk(entry, path, f"{space}{entry.namespace}:" if entry.namespace else space)


def model_of(kind):
    """The model whose rows a converter names; None for words and numbers."""
    if kind in ("", "str", "slug", "int"):
        return None
    return next(
        m for module in settings.MODULES for m in apps.get_app_config(module).get_models() if m._meta.model_name == kind
    )


def models_in(path):
    return [model for kind, _name in PART.findall(path) if (model := model_of(kind))]


def filled(path, choose, place=0):
    """The address with ids: `choose(model)` gives primary keys, of which the `place`th is taken; None if there are none."""
    for kind, name in PART.findall(path):
        model = model_of(kind)
        if model is None:
            word = SLUGS[name][0]
        else:
            keys = choose(model)
            if not keys:
                return None
            word = get_converters()[kind].to_url(keys[min(place, len(keys) - 1)])
        path = PART.sub(word, path, count=1)
    return path


def words_of(answer):
    """All text of an answer: headers, cookies, body; sheets and papers opened."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = [str(answer.headers), body.decode("utf-8", "replace")]
    if body.startswith(b"%PDF"):
        document = pypdfium2.PdfDocument(io.BytesIO(body))
        text += [page.get_textpage().get_text_range() for page in document]
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as sheet:
            text += [sheet.read(name).decode("utf-8", "replace") for name in sheet.namelist()]
    return "\n".join(text)
