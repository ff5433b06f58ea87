"""What somebody saw while signed in is kept by no browser and no cache on the way: whoever sits down after them sees nothing."""

import pytest

from weineng.web.shell.addresses import oid


@pytest.mark.parametrize("path", [
    "/my/", "/", "/standards/", "/verify/", "/gallery/nothing/", "/account/", "/messages/", "/units/", "/more/", "/sign-in/", "/kept/",
])  # fmt: skip
def test_every_answer_to_somebody_signed_in_is_kept_nowhere(world, client, sign_in, path):
    sign_in(client, world.teacher)
    answer = client.get(path)
    assert "no-store" in answer.headers.get("Cache-Control", ""), (
        answer.status_code,
        answer.headers.get("Cache-Control"),
    )


def test_answers_to_forms_too(world, client, sign_in):
    sign_in(client, world.office)
    for path, data in (
        ("/preferences/", {"theme": "dark"}),
        (f"/units/{oid(world.maths, 'organisations.unit')}/rename/", {}),
    ):
        assert "no-store" in client.post(path, data).headers["Cache-Control"]


def test_public_pages_may_be_kept_while_nobody_is_signed_in(world, client):
    assert "no-store" not in client.get("/standards/").headers.get("Cache-Control", "")
