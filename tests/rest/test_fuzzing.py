"""Whatever is sent to any operation, its answer is one that the document promises.

Calls are made up from the document itself, in and out of its bounds, and reach the whole application as a server would
hand them over.
"""

from collections import defaultdict

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    unsupported_method,
)

from weineng.config.wsgi import application
from weineng.learning.actions import issue_api_key
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow

EACH = settings(max_examples=6, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
# A method nobody documented is answered by the framework, before any operation; our keys stand in for the made-up ones,
# which a test of its own shows.
NEVER = [unsupported_method, ignored_auth]
NOT_CHECKED = defaultdict(
    lambda: NEVER,
    deliver=[*NEVER, negative_data_rejection],  # a record out of bounds gets its answer among the results
    reconcile=[*NEVER, positive_data_acceptance],  # of two days the second may be the earlier one
    read_counted=[*NEVER, positive_data_acceptance],  # likewise
    set_date=[*NEVER, positive_data_acceptance],  # a date may lie long ago
    state=[*NEVER, positive_data_acceptance],  # a day may come twice, or be still to come
)
POSITIVE = schemathesis.GenerationMode.POSITIVE


@pytest.fixture
def schema(world, standings):
    """The operations as the document has them; a call leaves the test's connection open, as Django's own client does."""
    load_all_checks()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def keys(world, standings, office_key):
    """For the operations of each part: a key that may do all of them."""
    scopes = ["records.write", "records.read"]
    platform = {"unit": world.district, "provider": "qingyun", "label": "x", "scopes": scopes}
    office = office_key("standings.read", "figures.read", "people.read")
    return {
        "providers": issue_api_key(by=world.office.actor, **platform)[1], "programmes": office, "units": office, "certificates": "none",
        "sandbox": issue_api_key(by=world.office.actor, **platform, sandbox=True)[1],
    }  # fmt: skip


@pytest.fixture
def exist(world):
    """What places in an address are filled with, so that there is something."""
    unit = oid(world.nine_year, "organisations.unit")
    return {"provider": "qingyun", "programme": "p4-district", "unit": unit, "number": "nothing"}


def name_of(operation):
    return operation.definition.raw["operationId"]


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_every_operation_keeps_what_its_document_says(schema, keys, exist, mode):
    operations = [found.ok() for found in schema.get_all_operations()]
    called = {name_of(operation): set() for operation in operations}

    def check(operation):
        part = "sandbox" if operation.path.endswith("/sandbox") else operation.definition.raw["tags"][0]
        token = keys[part]

        @EACH
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case):
            if mode is POSITIVE:
                case.path_parameters |= {name: exist[name] for name in case.path_parameters}
                case.query |= {name: exist[name] for name in case.query if name in exist}
            answer = case.call(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
            called[name_of(operation)].add(answer.status_code)
            case.validate_response(answer, excluded_checks=NOT_CHECKED[name_of(operation)])

        holds()

    for operation in operations:
        check(operation)
    if mode is POSITIVE:
        never = {name for name, statuses in called.items() if 200 not in statuses}
        assert never == {"show_certificate"}  # there is none
    assert {status for statuses in called.values() for status in statuses} <= {200, 401, 404, 413, 422, 429}
