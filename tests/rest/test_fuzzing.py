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
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, unsupported_method

from weineng.config.wsgi import application

EACH = settings(
    max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
EXIST = {"provider": "qingyun"}  # what the places in an address are filled with, so that there is something
# A method nobody documented is answered by the framework, before any operation; our key stands in for the made-up ones,
# which a test of its own shows. A record out of bounds does not make a delivery fail: it gets its answer among the results.
NEVER = [unsupported_method, ignored_auth]
NOT_CHECKED = defaultdict(lambda: NEVER, deliver=[*NEVER, negative_data_rejection])


@pytest.fixture
def schema(key):
    """The operations as the document has them; a call leaves the test's connection open, as Django's own client does."""
    load_all_checks()
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations(schema):
    return [found.ok() for found in schema.get_all_operations()]


def name_of(operation):
    return operation.definition.raw["operationId"]


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)
def test_every_operation_keeps_what_its_document_says(schema, key, mode):
    called = {name_of(operation): set() for operation in operations(schema)}

    def check(operation):
        @EACH
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case):
            if mode is schemathesis.GenerationMode.POSITIVE:
                case.path_parameters |= {name: EXIST[name] for name in case.path_parameters}
            answer = case.call(headers={"Authorization": f"Bearer {key[1]}", "Accept-Encoding": "identity"})
            called[name_of(operation)].add(answer.status_code)
            case.validate_response(answer, excluded_checks=NOT_CHECKED[name_of(operation)])

        holds()

    for operation in operations(schema):
        check(operation)
    expected = {200} if mode is schemathesis.GenerationMode.POSITIVE else {404, 422}
    assert {name: expected - statuses for name, statuses in called.items()} == {name: set() for name in called}
