"""Both districts, furnished once for a module: its tests look, and what they change is taken back after each."""

from types import SimpleNamespace

import pytest
from django.db import transaction
from django.http import HttpResponse

from tests.files.conftest import files_in
from tests.p4 import publish_p4
from tests.reach.districts import NOW, Districts
from tests.world import stand_world
from weineng.kernel import clock
from weineng.web.shell import answers


@pytest.fixture(scope="module")
def module_patch():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, module_patch, tmp_path_factory):
    module_patch.setattr(clock, "time", SimpleNamespace(time=NOW.timestamp))
    with files_in(tmp_path_factory.mktemp("files")), django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            world = stand_world()
            yield Districts(world, publish_p4(world))
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture
def districts(built, db):
    """`built`, as it was: a test's changes are rolled back."""
    return built


@pytest.fixture
def frames_once(monkeypatch):
    """The page that says that nothing is here stands in the same frame at every address: it is laid out once for each visitor,
    then only what is told in it."""
    seen, render = set(), answers.render

    def lay_out(request, template, context, status):
        page = (request.actor.person, str(request.post), template)
        if template != "shell/errors/not_found.html" or page not in seen:
            seen.add(page)
            return render(request, template, context, status=status)
        return HttpResponse(repr(context), status=status)

    monkeypatch.setattr(answers, "render", lay_out)
