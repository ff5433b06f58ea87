"""Addresses of this door: pages for people. Every folder here that has a `urls.py` is an area and brings its own."""

import pkgutil
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from django.urls import URLPattern, URLResolver, include, path

import weineng.web
from weineng.web.shell import places


def areas() -> list[tuple[str, ModuleType]]:
    """The areas by name, e.g. `teacher`, with their `urls` module."""
    names = [found.name for found in pkgutil.iter_modules(weineng.web.__path__) if found.ispkg]
    return [(n, import_module(f"weineng.web.{n}.urls")) for n in sorted(names) if find_spec(f"weineng.web.{n}.urls")]


urlpatterns: list[URLPattern | URLResolver] = []
for name, module in areas():
    places.collect(getattr(module, "PLACES", ()), getattr(module, "HOMES", {}))
    urlpatterns.append(path("", include((module.urlpatterns, name))))
