"""The real web server, killed with -9 at random instants while parts arrive: every acknowledged byte is there afterwards."""

import contextlib
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from tests.feeds.tus.conftest import packed, purpose_word
from tests.files import samples
from tests.files.conftest import edges_of
from weineng.files.models import Upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[3]


class Server:
    """granian with one worker; `kill` ends its whole group like a power cut ends processes."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        self.process = None

    def start(self):
        env = os.environ | {
            "LIVE_DATABASE": connection.settings_dict["NAME"],
            "LIVE_FOLDER": str(self.folder),
            "PYTHONPATH": f"{ROOT}/src:{ROOT}",
        }
        env.pop("WEINENG_DATA", None)
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]
        command += [
            "--workers",
            "1",
            "--blocking-threads",
            "4",
            "--no-ws",
            "--log-level",
            "error",
            "tests.feeds.tus.live:application",
        ]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True, **quiet)
        for _ in range(300):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/health", timeout=5).status_code == 200:
                    return self
            time.sleep(0.05)
        raise AssertionError("the server did not start")

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def kill(self):
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path).start()
    yield server
    server.kill()


@pytest.fixture
def phone(world, server, sign_in):
    session = Client()
    sign_in(session, world.teacher)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.cookies[settings.SESSION_COOKIE_NAME].value}"
    fixed = {"Tus-Resumable": "1.0.0", "Cookie": cookie}
    with httpx.Client(base_url=server.address, headers=fixed, timeout=20) as http:
        told = http.get("/feeds/uploads/", params={"purpose": purpose_word()})
        assert told.status_code == 200, told.text
        http.headers["Upload-Token"] = told.json()["token"]
        yield http


def create(phone, data, name="实录.mp4"):
    told = packed({"filename": name, "purpose": purpose_word(), "edges": edges_of(data)})
    answer = phone.post("/feeds/uploads/", headers={"Upload-Length": str(len(data)), "Upload-Metadata": told})
    assert answer.status_code == 201
    return answer.headers["Location"]


def patch(phone, path, offset, content):
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return phone.patch(path, headers=headers, content=content)


def test_killed_again_and_again_every_acknowledged_byte_stays(phone, server, world):
    dice = random.Random(20261123)
    data = samples.video(4) + dice.randbytes(9 << 20)  # what follows the last box of a recording is ignored
    path = create(phone, data)
    acknowledged, kills, receipt = 0, 0, None
    while receipt is None:
        if kills < 4:
            threading.Timer(dice.uniform(0.0, 0.15), server.kill).start()
        try:
            while True:
                part = data[acknowledged : acknowledged + dice.randrange(1, 200_000)]
                answer = patch(phone, path, acknowledged, part)
                assert answer.status_code == 204
                acknowledged = int(answer.headers["Upload-Offset"])
                if receipt := answer.headers.get("Upload-Receipt"):
                    break
        except httpx.HTTPError:
            kills += 1
            server.kill()
            server.start()
            where = phone.head(path)
            assert int(where.headers["Upload-Offset"]) >= acknowledged
            acknowledged = int(where.headers["Upload-Offset"])
    assert kills == 4
    upload = Upload.objects.get()
    assert (upload.receipt, upload.blob.size) == (receipt, len(data))
    stored = server.folder / "store" / upload.blob.digest[:2] / upload.blob.digest[2:4] / upload.blob.digest
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == hashlib.sha256(data).hexdigest()
    assert list((server.folder / "uploads").iterdir()) == []


def test_a_part_that_is_cut_off_in_the_middle_is_kept_and_a_hanging_one_is_overtaken(phone, server):
    data = os.urandom(3 << 20)
    path = create(phone, data, "a.txt")
    hanging, host = socket.create_connection(("127.0.0.1", server.port)), f"127.0.0.1:{server.port}"
    lines = [
        f"PATCH {path} HTTP/1.1",
        f"Host: {host}",
        f"Cookie: {phone.headers['Cookie']}",
    ]
    lines += [f"Upload-Token: {phone.headers['Upload-Token']}", "Tus-Resumable: 1.0.0", "Upload-Offset: 0"]
    lines += ["Content-Type: application/offset+octet-stream", f"Content-Length: {len(data)}", "", ""]
    hanging.sendall("\r\n".join(lines).encode() + data[: 1 << 20])
    time.sleep(1.3)
    hanging.sendall(data[1 << 20 : (1 << 20) + 300_000])  # and then the phone loses its line without a word
    time.sleep(0.5)
    at = int(phone.head(path).headers["Upload-Offset"])
    assert at >= 1 << 20
    answer = patch(phone, path, at, data[at:])
    assert answer.status_code == 204
    assert answer.headers["Upload-Receipt"]
    hanging.close()
    assert Upload.objects.get().blob.digest == hashlib.sha256(data).hexdigest()


def test_a_line_that_breaks_keeps_what_arrived(phone, server):
    data = os.urandom(2 << 20)
    path = create(phone, data, "a.txt")

    def breaking():
        yield data[:700_000]
        time.sleep(0.2)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        phone.patch(
            path, headers={"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream", "Content-Length": str(len(data))},
            content=breaking(),
        )  # fmt: skip
    for _ in range(50):
        if Upload.objects.get().offset:
            break
        time.sleep(0.05)
    assert int(phone.head(path).headers["Upload-Offset"]) > 0
    at = int(phone.head(path).headers["Upload-Offset"])
    assert patch(phone, path, at, data[at:]).headers["Upload-Receipt"]
