"""A client that speaks tus as strictly as a foreign one would, and a purpose that only tests have."""

import base64
import hashlib

import pytest
from django.test import Client

from tests.files.conftest import LIMITS, edges_of, places  # noqa: F401 (a fixture)
from weineng.feeds.tus.purposes import KINDS, Kind
from weineng.kernel.ids import seal_id
from weineng.kernel.refusals import NotFound

THING = 77


@pytest.fixture
def taken(world, monkeypatch):
    """What the purpose `tests.thing` has taken; the thing belongs to the teacher, nobody else may find it."""
    found = []

    def limits(by, thing):
        if by.person != world.teacher.person or thing != THING:
            raise NotFound("tests.thing")
        return LIMITS

    monkeypatch.setitem(KINDS, "tests.thing", Kind(limits, lambda by, thing, upload: found.append(upload)))
    return found


def purpose_word(thing=THING):
    return f"tests.thing:{seal_id('tests.thing', thing)}"


class Tus:
    """One device of one person: its session, its token, the verbs of the protocol."""

    def __init__(self, sign_in, member, client=None):
        self.http = client or Client()
        sign_in(self.http, member)
        self.token = ""

    def overview(self, purpose=None):
        answer = self.http.get("/feeds/uploads/", {"purpose": purpose or purpose_word()})
        if answer.status_code == 200:
            self.token = answer.json()["token"]
        return answer

    def send(self, method, path, body=b"", **headers):
        named = {"Tus-Resumable": "1.0.0", "Upload-Token": self.token} | {
            k.replace("_", "-"): v for k, v in headers.items()
        }
        kind = named.pop("Content-Type", "application/offset+octet-stream")
        wire = {
            f"HTTP_{name.upper().replace('-', '_')}": str(value) for name, value in named.items() if value is not None
        }
        return self.http.generic(method, path, body, CONTENT_TYPE=kind, **wire)  # also where the body is empty

    def create(self, data, name="教案.txt", *, size=None, purpose=None, **more):
        told = {"filename": name, "purpose": purpose or purpose_word(), "edges": edges_of(data)} | more
        return self.send(
            "POST", "/feeds/uploads/", Upload_Length=len(data) if size is None else size, Upload_Metadata=packed(told)
        )

    def patch(self, path, offset, part, **headers):
        return self.send("PATCH", path, part, Upload_Offset=offset, **headers)

    def head(self, path):
        return self.send("HEAD", path)


def packed(values):
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def sha256(data):
    return "sha256 " + base64.b64encode(hashlib.sha256(data).digest()).decode()


@pytest.fixture
def phone(world, taken, sign_in):
    device = Tus(sign_in, world.teacher)
    device.overview()
    return device
