"""Files of what a session made: brought by who holds it while it is not closed, seen by who may see the session."""

from datetime import timedelta

import pytest

from tests.activities.test_close_session import START, a_plan, refusal
from tests.feeds.tus.conftest import Tus
from tests.files import samples
from tests.files.conftest import bring, places  # noqa: F401 (a fixture)
from weineng.activities.actions import (
    add_product,
    attach_product_file,
    close_session,
    detach_product_file,
    enter_sign_ins,
    plan_session,
    write_minutes,
)
from weineng.activities.queries import PRODUCT, PRODUCT_LIMITS, limits_for_product
from weineng.files.queries import files_of
from weineng.kernel.ids import seal_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def product(world, set_clock):
    set_clock(START - timedelta(days=7))
    session = plan_session(by=world.leader.actor, unit=world.maths, programme="p4-district", plan=a_plan())
    return add_product(by=world.leader.actor, session=session.pk, title="研讨课件")


def brought(member, data=b"a lesson plan"):
    return bring(member.actor, data, "课件.pdf", purpose="activities.product:1", limits=PRODUCT_LIMITS).pk


def test_who_holds_the_session_puts_files_to_its_products_and_takes_them_away(world, product):
    by = world.leader.actor
    upload = brought(world.leader)
    use = attach_product_file(by=by, product=product.pk, upload=upload)
    assert attach_product_file(by=by, product=product.pk, upload=upload).pk == use.pk
    assert [u.file_name for u in files_of(PRODUCT, [product.pk])] == ["课件.pdf"]
    detach_product_file(by=by, use=use.pk)
    assert list(files_of(PRODUCT, [product.pk])) == []
    assert refusal(detach_product_file, by=by, use=use.pk) == "not-found"


def test_nobody_else_does(world, product):
    use = attach_product_file(by=world.leader.actor, product=product.pk, upload=brought(world.leader))
    for member in (world.teacher, world.wu, world.kindergarten_cio, world.panel[0]):
        mine = brought(member)
        assert refusal(attach_product_file, by=member.actor, product=product.pk, upload=mine) == "not-found"
        assert refusal(detach_product_file, by=member.actor, use=use.pk) == "not-found"
        assert refusal(limits_for_product, member.actor, product.pk) == "not-found"
    assert refusal(attach_product_file, by=world.leader.actor, product=product.pk, upload=mine) == "not-found"


def test_what_is_closed_stays_as_it_is(world, product, set_clock):
    by, session = world.leader.actor, product.session_id
    set_clock(START + timedelta(hours=3))
    upload = brought(world.leader)
    enter_sign_ins(by=by, session=session, people=[world.teacher.person])
    write_minutes(by=by, session=session, text="研讨了三节课。", revision=0)
    close_session(by=by, session=session)
    assert refusal(attach_product_file, by=by, product=product.pk, upload=upload) == "not-found"


def test_through_the_door(world, product, sign_in):
    word = f"{PRODUCT}:{seal_id(PRODUCT, product.pk)}"
    desk = Tus(sign_in, world.leader)
    assert desk.overview(word).json()["limits"]["max_seconds"] is None
    data = samples.pdf(2)
    path = desk.create(data, "课件.pdf", purpose=word).headers["Location"]
    assert desk.patch(path, 0, data)["Upload-Receipt"]
    assert [u.blob.pages for u in files_of(PRODUCT, [product.pk])] == [2]
    page = desk.http.get(f"/sessions/{seal_id('activities.session', product.session_id)}/").content.decode()
    assert "课件.pdf" in page
    assert word in page
    assert Tus(sign_in, world.wu).overview(word).status_code == 404
    use = files_of(PRODUCT, [product.pk]).get()
    deed = {"do": "drop_file", "use": seal_id("files.use", use.pk)}
    address = f"/sessions/{seal_id('activities.session', product.session_id)}/do/"
    assert Tus(sign_in, world.wu).http.post(address, deed).status_code == 404
    assert desk.http.post(address, deed | {"use": "x"}).status_code == 404
    assert desk.http.post(address, deed).status_code == 302
    assert list(files_of(PRODUCT, [product.pk])) == []
