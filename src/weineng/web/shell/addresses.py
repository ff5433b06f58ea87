"""Ids in addresses: `<person:pk>` in a path, `{{ person|oid }}` in a template; inside they are plain numbers."""

from functools import cache

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.urls import get_script_prefix, get_urlconf, register_converter, reverse
from django.urls.converters import get_converters

from weineng.kernel.ids import open_id, seal_id


def oid(thing: Model | int, kind: str = "") -> str:
    """The opaque word of a row, or of a row's number with its kind (`organisations.person`)."""
    if isinstance(thing, Model):
        return seal_id(thing._meta.label_lower, thing.pk)
    return seal_id(kind, int(thing))


def fixed(name: str) -> str:
    """The address behind the name of a page that has no ids in it: looked up once, since every page leads to dozens."""
    return _fixed(name, get_urlconf(), get_script_prefix())


@cache
def _fixed(name: str, _addresses: str | None, _beginning: str) -> str:
    return reverse(name)


def kind_converter(kind: str) -> type:
    """A URL converter for rows of `kind`: a word that is none of ours matches no address (404)."""

    class Kind:
        regex = "[0-9a-hjkmnp-tv-z]{13}"

        def to_python(self, value: str) -> int:
            return open_id(kind, value)

        def to_url(self, value: Model | int | str) -> str:
            return value if isinstance(value, str) else oid(value, kind)

    return Kind


def register_kinds() -> None:
    """One converter for each model, named like it: `<person:pk>`; run once, before the first address is read."""
    known = get_converters()
    for module in settings.MODULES:
        for model in apps.get_app_config(module).get_models():
            name = model._meta.model_name or ""
            if name in known:
                raise RuntimeError(f"Two models are called {name}: give one of them another name.")
            register_converter(kind_converter(model._meta.label_lower), name)
