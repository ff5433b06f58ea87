import pytest


@pytest.mark.browser
def test_a_browser_reaches_the_platform(page, live_server):
    answer = page.goto(f"{live_server.url}/health")
    assert answer.status == 200
    assert page.inner_text("body").splitlines() == ["ok", "database: ok", "settled: never", "waiting: 0"]
