"""Samples on their pages: the office fixes and draws, anybody can see what was drawn and draw again."""

import csv
import hashlib
import io

import pytest

from tests.assessment.sampling import decided, here, sampling
from tests.progress.scene import at
from tests.reach.test_query_counts import asked
from tests.web.signing import client_of
from weineng.accounts.models import Grant
from weineng.assessment.actions import draw_sample, frame_sample, stop_sample
from weineng.assessment.models import Sample, SampledResult
from weineng.assessment.rules import draw
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(world, set_clock):
    set_clock(at("2026-11-02 09:00"))
    scene = sampling(world)
    decided(scene, world.teacher, "A1", "A2", "A3", "A4")
    return scene


def test_an_office_draws_and_anybody_draws_again(world, scene, visitor, client):
    city = oid(world.city, "organisations.unit")
    url = f"/samples/frame/{oid(scene.programme)}/city-sample/{city}/"

    grant = Grant.objects.get(person=world.office.person, role="office", unit=world.city)
    browser = client_of(world.office, f"grant:{grant.pk}")

    def office(address, data=None):
        return browser.post(address, data) if data is not None else browser.get(address)

    assert url in office("/samples/").content.decode()
    assert office(url, {"until": "2027-01-01"}).status_code == 422
    assert office(url, {"until": "2026-11-02"}).status_code == 302
    sample = Sample.objects.get()
    page = f"/samples/{oid(sample)}/"
    assert sample.digest in office(page).content.decode()
    before = client.get(f"{page}drawn/").content.decode()  # before anybody knows the seed
    assert (sample.digest in before, sample.secret_digest in before) == (True, True)
    for text in (before, office(page).content.decode(), office("/samples/").content.decode()):
        assert sample.secret not in text
    assert office(f"{page}do/", {"do": "draw", "seed": "03 11 17"}).status_code == 302
    shown = client.get(f"{page}drawn/").content.decode()
    assert "03 11 17" in shown
    assert sample.secret in shown
    assert world.teacher.name not in shown
    assert ("改低" in office(page).content.decode(), "改低" in shown.split("<table")[1]) == (True, False)
    answer = client.get(f"{page}drawn/numbers.csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    taken = [int(row["number"]) for row in rows if row["drawn"] == "1"]
    assert draw(f"03 11 17{sample.secret}", range(1, 5), 1) == taken
    hashes = {
        int(row["number"]): hashlib.sha256(f"03 11 17{sample.secret}:{row['number']}".encode()).hexdigest()
        for row in rows
    }
    assert {int(row["number"]): row["sha256"] for row in rows} == hashes
    assert list(SampledResult.objects.filter(drawn=1).values_list("number", flat=True)) == taken
    assert office(f"{page}do/", {"do": "draw"}).status_code == 422
    assert office(f"{page}do/", {"do": "stop", "reason": "名单有误"}).status_code == 302
    assert "名单有误" in office(page).content.decode()
    assert visitor(world.cio, page, role="cio").status_code == 404


def test_a_list_that_was_thrown_away_stays_to_be_seen_by_anybody(world, scene, client):
    sample = frame_sample(by=world.office.actor, **here(world, scene))
    grant = Grant.objects.get(person=world.office.person, role="office", unit=world.city)
    browser, page = client_of(world.office, f"grant:{grant.pk}"), f"/samples/{oid(sample)}/"
    assert browser.post(f"{page}do/", {"do": "drop"}).headers["Location"] == page
    assert "已作废" in browser.get("/samples/").content.decode()
    shown = client.get(f"{page}drawn/").content.decode()
    assert ("已作废" in shown, sample.digest in shown, sample.secret in shown) == (True, True, False)
    rows = b"".join(client.get(f"{page}drawn/numbers.csv").streaming_content).decode().split("\r\n")
    assert rows[1] == f"1,county:{world.district},0,"


def test_the_pages_ask_as_often_for_many_samples_and_strata_as_for_one(world, set_clock):
    set_clock(at("2026-11-02 09:00"))
    scene = sampling(world, strata=("subject",))
    office = world.office.actor
    grant = Grant.objects.get(person=world.office.person, role="office", unit=world.city)
    browser = client_of(world.office, f"grant:{grant.pk}")
    found = []
    for members in ((world.teacher,), (world.loner, world.chinese_teachers[0], world.kindergarten_teachers[0])):
        for member in members:
            decided(scene, member, "A1")
        sample = frame_sample(by=office, **here(world, scene))
        draw_sample(by=office, sample=sample.pk)
        found.append(
            [asked(browser, url) for url in ("/samples/", f"/samples/{oid(sample)}/", f"/samples/{oid(sample)}/drawn/")]
        )
        stop_sample(by=office, sample=sample.pk, reason="名单有误")
    few, more = found
    assert [count for count, _length in more] == [count for count, _length in few]
    assert all(longer > length for (_many, longer), (_few, length) in zip(more, few, strict=True))
