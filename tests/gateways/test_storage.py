"""One contract, two stores: a folder, and a real S3-compatible server on this machine."""

import hashlib
import io
import os
import re
import threading
import urllib.request

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from weineng.gateways.s3 import S3Store
from weineng.gateways.storage import Damaged, FolderStore, Missing


@pytest.fixture(scope="module")
def s3_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    client.create_bucket(Bucket="weineng")
    yield endpoint
    client.close()
    server.stop()


def s3_store(endpoint, *, direct=False):
    return S3Store(
        bucket="weineng", endpoint=endpoint, region="us-east-1", key="a", secret="b", folder="files", direct=direct
    )


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path):
    if request.param == "folder":
        return FolderStore(tmp_path / "store")
    return s3_store(request.getfixturevalue("s3_server"))


def digest_of(data):
    return hashlib.sha256(data).hexdigest()


def fresh(size=100_000):
    data = os.urandom(size)
    return data, digest_of(data)


@pytest.mark.slow
def test_a_file_comes_back_whole_and_in_parts(store, tmp_path):
    data, digest = fresh(700_001)
    source = tmp_path / "课堂实录.mp4"
    source.write_bytes(data)
    assert not store.exists(digest)
    store.put(source, digest)
    assert store.exists(digest)
    assert store.size(digest) == 700_001
    assert b"".join(store.open(digest)) == data
    assert b"".join(store.open(digest, 5, 10)) == data[5:15]
    assert b"".join(store.open(digest, 700_000)) == data[-1:]
    assert b"".join(store.open(digest, 0, 1)) == data[:1]
    assert b"".join(store.open(digest, 700_001)) == b""
    assert b"".join(store.open(digest, 0, 0)) == b""
    assert source.read_bytes() == data


@pytest.mark.slow
def test_the_same_file_twice_is_one_file(store):
    data, digest = fresh()
    store.put(io.BytesIO(data), digest)
    store.put(io.BytesIO(data), digest)
    assert b"".join(store.open(digest)) == data


def test_bytes_of_another_digest_are_not_kept(store):
    data, digest = fresh()
    with pytest.raises(Damaged):
        store.put(io.BytesIO(data[:-1]), digest)
    assert not store.exists(digest)


def test_what_is_deleted_is_gone_and_may_be_deleted_again(store):
    data, digest = fresh()
    store.put(io.BytesIO(data), digest)
    store.delete(digest)
    store.delete(digest)
    assert not store.exists(digest)
    with pytest.raises(Missing):
        store.open(digest)
    with pytest.raises(Missing):
        store.open(digest, 10)
    with pytest.raises(Missing):
        store.size(digest)


@pytest.mark.parametrize("word", ["0", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 65, "0" * 62 + "/."])
def test_only_a_digest_is_an_address(store, word):
    for verb in (store.exists, store.size, store.delete, store.open):
        with pytest.raises(ValueError, match=f".*{re.escape(word)}"):
            verb(word)


@pytest.mark.slow
def test_many_at_once_put_one_file(store):
    data, digest = fresh(300_000)
    threads = [threading.Thread(target=store.put, args=(io.BytesIO(data), digest)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"".join(store.open(digest)) == data


@pytest.mark.slow
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(0, 600_000), start=st.integers(0, 600_000), length=st.none() | st.integers(0, 600_000))
def test_every_slice_of_a_folders_file_is_the_slice_of_its_bytes(tmp_path, size, start, length):
    store, data = FolderStore(tmp_path), bytes(size)
    store.put(io.BytesIO(data), digest_of(data))
    end = None if length is None else start + length
    assert b"".join(store.open(digest_of(data), start, length)) == data[start:end]


def test_a_folder_store_leaves_nothing_beside_its_files(tmp_path):
    store, (data, digest) = FolderStore(tmp_path / "store"), fresh()
    store.put(io.BytesIO(data), digest)
    with pytest.raises(Damaged):
        store.put(io.BytesIO(data), "0" * 64)
    assert [p.name for p in (tmp_path / "store").rglob("*") if p.is_file()] == [digest]
    assert store.address(digest, seconds=60, media_type="video/mp4", disposition="inline") is None


def test_a_direct_s3_store_gives_an_address_that_expires_and_serves_ranges(s3_server):
    data, digest = fresh()
    store = s3_store(s3_server, direct=True)
    store.put(io.BytesIO(data), digest)
    assert s3_store(s3_server).address(digest, seconds=60, media_type="video/mp4", disposition="inline") is None
    address = store.address(
        digest, seconds=60, media_type="video/mp4", disposition="inline; filename*=UTF-8''%E8%AF%BE.mp4"
    )
    assert "X-Amz-Expires=60" in address
    request = urllib.request.Request(address, headers={"Range": "bytes=10-19"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 206
        assert answer.read() == data[10:20]
        assert answer.headers["Content-Type"] == "video/mp4"
