import pytest


@pytest.mark.django_db
def test_health_says_that_the_database_answers(client):
    answer = client.get("/health")
    assert (answer.status_code, answer.content) == (200, b"ok\ndatabase: ok\n")
    assert answer["Content-Type"] == "text/plain"
