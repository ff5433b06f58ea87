"""What every test stands on: a fresh database in milliseconds, a clock to set, and strictness.

A test fails on a warning, on a name a template does not know, on a connection to the outside, on `select_for_update`
without `of`, and on relying on an order that nobody asked for.
"""

import fcntl
import gc
import gettext
import hashlib
import os
import random
import shutil
import sys
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from pathlib import Path

import django
import hypothesis
import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import QuerySet
from django.template.base import FilterExpression
from django.test import TransactionTestCase
from django.test.utils import ContextList
from django.utils import translation
from django.utils.translation import trans_real

import weineng
from tests.p4 import publish_p4
from tests.standard import load_standard
from tests.standing import FIRST, keep, put_back
from tests.world import stand_world
from weineng.ops.catalogues import compile_catalogues
from weineng.progress.measures.people import clear_scratch

TEMPLATES_KEPT = 12
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")  # no test is about how fast the machine is


def pytest_configure(config):
    """Translations are compiled from their sources, never committed."""
    if compile_catalogues(Path(weineng.__file__).parent / "locale"):
        gettext._translations.clear()  # setting Django up has read the old ones already
        trans_real._translations.clear()
        trans_real._default = None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What takes long comes before what is quick, module by module, so that at the end no core waits for one long walk (a module
    stays with one worker, so that what is built once a module is built once); what commits stays after what is rolled back."""
    marks = ("browser", "slow")  # the longest first
    place = {}
    for item in items:
        found = next((number for number, mark in enumerate(marks) if item.get_closest_marker(mark)), len(marks))
        place[item.path] = min(found, place.get(item.path, found))
    items.sort(key=lambda item: (_commits(item), place[item.path]))


COMMITTING = {"live_server", "transactional_db"}  # fixtures of pytest-django that do not roll back


def _commits(item):
    marked = any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
    return marked or bool(COMMITTING.intersection(item.fixturenames))


def pytest_collection_finish(session):
    """What has been imported stays: the collector need not walk through all of it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


# --- Database: migrated once into a template, cloned for each run and worker ---------------------------------------
@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, django_db_blocker):
    config = connection.settings_dict
    with django_db_blocker.unblock(), _one_at_a_time(), connection._nodb_cursor() as cursor:
        cursor.execute("select datname from pg_database order by oid")
        present = [name for (name,) in cursor.fetchall()]
        _drop_left_behind(cursor, present)
        template = f"template_{_digest()}"
        if template not in present:
            _make_template(cursor, template)
        config["TEST"] |= {"TEMPLATE": template, "MIGRATE": False}


@contextmanager
def _one_at_a_time():
    Path(settings.TEST_POSTGRES).mkdir(parents=True, exist_ok=True)
    with (Path(settings.TEST_POSTGRES) / ".template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _digest():
    """Names the state that all migrations together produce."""
    state = hashlib.sha256(f"{django.VERSION} {sorted(settings.INSTALLED_APPS)}".encode())
    for app in sorted(apps.get_app_configs(), key=lambda a: a.label):
        for file in sorted(Path(app.path).glob("migrations/*.py")):
            state.update(f"{app.label}/{file.name}".encode() + file.read_bytes())
    return state.hexdigest()[:16]


def _make_template(cursor, template):
    draft, config = f"{template}_draft", connection.settings_dict
    cursor.execute(f'drop database if exists "{draft}" with (force)')  # of a run that was killed
    cursor.execute(f'create database "{draft}"')
    name, config["NAME"] = config["NAME"], draft
    try:
        connection.close()
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        connection.close()
        config["NAME"] = name
    cursor.execute(f'alter database "{draft}" rename to "{template}"')


def _drop_left_behind(cursor, present):
    """Databases of processes that are gone, and templates of long ago."""
    for name in present:
        process = name.split("_")[1] if name.startswith("test_") else ""
        if process.isdigit() and not Path(f"/proc/{process}").exists() and Path("/proc/self").exists():
            cursor.execute(f'drop database if exists "{name}" with (force)')
    templates = [name for name in present if name.startswith("template_") and len(name) == len("template_") + 16]
    for name in templates[:-TEMPLATES_KEPT]:
        cursor.execute(f'drop database if exists "{name}" with (force)')


# --- The cast ------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The invented world stands in the database before the first test; each test's changes are rolled back or taken out."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        stand_world()
        load_standard()
        clear_scratch()  # made here, the scratch tables stay, and each test that counts need not make them anew
        keep(FIRST)
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: put_back(_kept[-1]))
        yield
    with (
        django_db_blocker.unblock(),
        connection.cursor() as cursor,
    ):  # of a server whose last answer is just being given
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


_kept = [FIRST]  # the last of them stands again after a test that commits


@pytest.fixture
def world(db):
    """The units and the cast of tests/world.py."""
    return stand_world()


@pytest.fixture
def p4(world):
    """Plan P4, published and started for the district; its three schools take part, nobody is enrolled yet."""
    return publish_p4(world)


@pytest.fixture(scope="module")
def once(django_db_setup, django_db_blocker):
    """`once(build)`: what `build(world, set_clock)` stood up before a module's first test, for all of its tests.

    What a test changes is rolled back to there, as always; the rows a fixture holds are read anew by whoever may have got
    them changed. Only for modules of which every test begins from what was built, and none commits.
    """
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        try:
            yield _build
        finally:
            transaction.set_rollback(True)
            outer.__exit__(None, None, None)


@pytest.fixture(scope="module")
def once_kept(django_db_setup, django_db_blocker):
    """As `once`, for modules of which every test commits: what was built is put back after each of them."""
    place = "kept_module"

    def build_and_keep(build):
        built = _build(build)
        keep(place)
        return built

    with django_db_blocker.unblock():
        _kept.append(place)
        yield build_and_keep
        _kept.remove(place)
        put_back(FIRST)


def _build(build):
    translation.activate(settings.LANGUAGE_CODE)
    with pytest.MonkeyPatch.context() as patch, _clock(patch) as set_to:
        return build(stand_world(), set_to)


# --- Clock ---------------------------------------------------------------------------------------------------------
@pytest.fixture
def set_clock(monkeypatch):
    """`set_clock(datetime(2026, 3, 1, 8, tzinfo=CIVIL))`: from now on it is then (and time goes on), in either direction."""
    with _clock(monkeypatch) as set_to:
        yield set_to


@contextmanager
def _clock(patch):
    from weineng.kernel import clock

    patch.setenv("WEINENG_DEMO", "1")
    place = Path(os.environ["WEINENG_DATA"]) / "clock.json"

    def set_to(at: datetime) -> datetime:
        place.unlink(missing_ok=True)
        clock.set_forward(at)
        return at

    try:
        yield set_to
    finally:
        place.unlink(missing_ok=True)


@pytest.fixture
def at(monkeypatch):
    """`at(instant)`: from now on it is exactly then, in either direction, and no time passes until the next call."""
    from types import SimpleNamespace

    from weineng.kernel import clock

    def freeze(instant: datetime) -> datetime:
        monkeypatch.setattr(clock, "time", SimpleNamespace(time=instant.timestamp))
        return instant

    return freeze


# --- Signed in -----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def sign_in():
    """`sign_in(client, world.cio)`: signed in with everything passed; `post="delegation:5"` acts in that post."""
    from weineng.accounts.models import Account

    def enter(client, member, post=""):
        client.force_login(Account.objects.get(pk=member.account), "weineng.web.account.backends.AccountBackend")
        session = client.session
        session.update({"factor": "totp", "post": post})
        session.save()
        return client

    return enter


@pytest.fixture(autouse=True)
def _language():
    """Each test begins in the platform's own language, whatever the last visitor read."""
    translation.activate(settings.LANGUAGE_CODE)


# --- Strictness ------------------------------------------------------------------------------------------------------
_dice = random.Random(7)  # of its own: the tests' random numbers stay as their seed says


@pytest.fixture(scope="session", autouse=True)
def _strict_querysets():
    """No lock without `of` (a join would lock rows of other tables); no reliance on an order nobody asked for."""
    lock, fetch = QuerySet.select_for_update, QuerySet._fetch_all

    def select_for_update(self, nowait=False, skip_locked=False, of=(), no_key=False):
        if not of and sys._getframe(1).f_globals.get("__name__", "").startswith("weineng."):
            pytest.fail('select_for_update without of=("self",)')
        return lock(self, nowait=nowait, skip_locked=skip_locked, of=of, no_key=no_key)

    def fetch_all(self):
        fresh = self._result_cache is None
        fetch(self)
        if fresh and len(self._result_cache) > 1 and not self.query.is_sliced and not self.ordered:
            _dice.shuffle(self._result_cache)

    QuerySet.select_for_update, QuerySet._fetch_all = select_for_update, fetch_all
    yield
    QuerySet.select_for_update, QuerySet._fetch_all = lock, fetch


@pytest.fixture(scope="session", autouse=True)
def _defaults_are_for_what_may_be_missing():
    """A name a template does not know fails the test, except where the template says what then: `|default:…`, `if`."""
    resolve = FilterExpression.resolve

    def lenient(self, context, ignore_failures=False):
        if self.filters and not ignore_failures:
            ignore_failures = any(filter_.__name__ in ("default", "default_if_none") for filter_, _ in self.filters)
        return resolve(self, context, ignore_failures)

    FilterExpression.resolve = lenient
    yield
    FilterExpression.resolve = resolve


@pytest.fixture(scope="session", autouse=True)
def _one_context_a_page():
    """`answer.context` is what the page was made of; copying it anew for each part of a page is a tenth of the page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.test.client.store_rendered_templates", _store)
        yield


def _store(store, signal, sender, template, context, **_more):
    if "context" not in store:
        store["context"] = ContextList([copy(context)])


# --- Browser ---------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="session")
def browser():
    """A real Chromium (Debian's); its absence is a failure, never a skip: `.ci/run` installs it."""
    from playwright.sync_api import sync_playwright

    names = ("chromium-headless-shell", "chromium", "google-chrome")
    program = os.environ.get("WEINENG_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not program:
        pytest.fail(
            "Browser tests need Chromium: apt-get install chromium-headless-shell (or set WEINENG_TEST_CHROMIUM)."
        )
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright runs a loop in this thread
    switches = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
    switches += ["--disable-component-update", "--disable-sync", "--no-first-run"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=switches)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page at desk width in a context of its own; what the page's console calls an error fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", reduced_motion="reduce")
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if _is_error(line) else None)
    page.on("response", lambda answer: errors.append(f"{answer.status} {answer.url}") if _lacks_part(answer) else None)
    yield page
    context.close()
    assert errors == []


def _is_error(line):
    return line.type == "error" and not line.text.startswith("Failed to load resource")  # pages may answer 404 or 422


def _lacks_part(answer):
    part = answer.request.resource_type in ("script", "stylesheet", "image", "font", "media")
    return part and answer.status >= 400 and not answer.url.endswith("/favicon.ico")
