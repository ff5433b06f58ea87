import pytest

from weineng.ops.loops import run_once
from weineng.progress.queries import rounds


@pytest.mark.django_db
def test_health_says_that_the_database_answers_and_how_far_the_worker_is(client):
    answer = client.get("/health")
    assert (answer.status_code, answer.content) == (200, b"ok\ndatabase: ok\nsettled: never\nwaiting: 0\n")
    run_once()
    settled = rounds()["settle"].up_to.isoformat()
    assert client.get("/health").content.decode().splitlines()[2] == f"settled: {settled}"
    assert answer["Content-Type"] == "text/plain"
