"""Programmes in the browser's words: the document, its problems, starting, enrolling, leaving, exempting."""

import re
from datetime import datetime

import pytest

from tests.district import SOURCE, load_standard, second_office
from weineng.kernel.clock import CIVIL
from weineng.programmes.models import EnrolledSchool, Enrolment, Exemption, Programme
from weineng.web.shell.addresses import oid


@pytest.fixture
def visit(visitor, set_clock):
    set_clock(datetime(2026, 1, 5, 9, tzinfo=CIVIL))
    load_standard()
    return visitor


def follow(answer):
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return answer.headers["Location"]


def published(world, visit):
    owner = oid(world.district, "organisations.unit")
    follow(visit(world.office, "/programmes/publish/", {"owner": owner, "source": SOURCE}, "office"))
    return Programme.objects.get(code="p4-district")


def started(world, visit):
    row = published(world, visit)
    do = {"do": "start", "confirm_assumptions": "1", "version": "1"}
    follow(visit(world.office, f"/programmes/{oid(row)}/do/", do, "office"))
    return row


def test_a_wrong_document_lists_its_problems_with_their_places_and_stores_nothing(world, visit):
    owner = oid(world.district, "organisations.unit")
    wrong = SOURCE.replace("kinds: [online]\n    periods:", "kinds: [onlin]\n    periods:", 1)
    answer = visit(world.office, "/programmes/publish/", {"owner": owner, "source": wrong}, "office")
    assert answer.status_code == 422
    line = wrong.splitlines().index("    kinds: [onlin]") + 1
    assert f"programme.yaml:{line}:" in answer.content.decode()
    assert not Programme.objects.filter(code="p4-district").exists()
    empty = visit(world.office, "/programmes/publish/", {"owner": owner, "source": ""}, "office")
    assert empty.status_code == 422


def test_the_assumptions_are_shown_and_confirmed_before_it_starts(world, visit):
    row = published(world, visit)
    page = visit(world.office, f"/programmes/{oid(row)}/", role="office").content.decode()
    assert "demands.online.periods" in page
    refused = visit(world.office, f"/programmes/{oid(row)}/do/", {"do": "start", "version": "1"}, "office")
    assert refused.status_code == 422
    said = refused.content.decode()
    assert said.count('id="confirm_error"') == 1
    assert 'aria-describedby="confirm_error"' in said
    assert "demands.online.periods" in said  # the page itself, with what has to be read
    row.refresh_from_db()
    assert row.started_on is None
    yaml = visit(world.office, f"/programmes/{oid(row)}/source/", role="office")
    assert yaml.content.decode() == SOURCE


GATE = (
    "gates:\n  - {code: first, kinds: [online], periods: 10, opens: [research], before: not-counted, "
    "title: {zh-hans: 先, zh-hant: 先, en: First}}\n"
)


def test_the_document_says_what_is_fixed_what_may_be_replaced_and_what_comes_first(world, visit):
    marked = SOURCE.replace("levels:", f"returns: {{value: 2, may_replace: county}}\n{GATE}levels:", 1)
    marked = marked.replace("kinds: [recording], periods: 5,", "kinds: [recording], periods: {value: 5, fixed: true},")
    owner = oid(world.district, "organisations.unit")
    follow(visit(world.office, "/programmes/publish/", {"owner": owner, "source": marked}, "office"))
    row = Programme.objects.get(code="p4-district")
    page = re.sub(r"\s+", " ", visit(world.office, f"/programmes/{oid(row)}/", role="office").content.decode())
    lines = re.findall(r"<li>(.*?)</li>", page)
    fixed = [line for line in lines if "下级不得更改" in line]
    replaced = [line for line in lines if "经区县批准可以替换" in line]
    assert [line.split(" <")[0] for line in fixed] == ["完成课堂实录：至少5学时。"]
    assert [line.split(" <")[0] for line in replaced] == ["材料最多退回2次，之后须作出结论。"]
    assert "先：在线课程计满10学时之日起达到。" in page
    assert "先要达到的门槛" in page


def test_a_programme_that_is_not_run_here_cannot_be_excluded(world, visit):
    owner = oid(world.district, "organisations.unit")
    source = SOURCE.replace("levels:", "exclusive_with: [elsewhere]\nlevels:", 1)
    answer = visit(world.office, "/programmes/publish/", {"owner": owner, "source": source}, "office")
    assert answer.status_code == 422
    assert "这里没有开展这些项目：elsewhere。" in answer.content.decode()
    assert not Programme.objects.exists()


@pytest.mark.slow
def test_schools_then_people_are_enrolled_and_one_leaves_and_returns(world, visit):
    row = started(world, visit)
    schools = f"/programmes/{oid(row)}/schools/"
    choice = visit(world.office, schools, role="office").content.decode()
    assert re.findall(r'<option value="([a-z-]+)"', choice) == ["pilot", "first-batch", "second-batch"]
    pick = [oid(world.nine_year, "organisations.unit"), oid(world.vocational, "organisations.unit")]
    assert visit(world.office, schools, {"do": "enrol", "batch": "pilot"}, "office").status_code == 422
    follow(visit(world.office, schools, {"do": "enrol", "pick": pick, "batch": "pilot"}, "office"))
    taking = EnrolledSchool.objects.filter(programme=row).values_list("unit", flat=True)
    assert set(taking) == {world.nine_year, world.vocational}
    offices, schools_own = (
        visit(one, schools, role=role).content.decode() for one, role in ((world.office, "office"), (world.cio, "cio"))
    )
    assert (">操作<" in offices, ">操作<" in schools_own) == (True, False)
    people = f"{schools}{pick[0]}/"
    assert "登记本校人员参加" in visit(world.cio, people, role="cio").content.decode()
    follow(visit(world.cio, people, {}, "cio"))
    after = visit(world.cio, people, role="cio").content.decode()
    assert ("登记本校人员参加" in after, "已全部登记。" in after) == (False, True)
    enrolment = Enrolment.objects.get(person=world.teacher.person)
    assert not Enrolment.objects.filter(person__in=[world.retired.person, world.vocational_teachers[0].person]).exists()
    assert visit(world.office, people, role="office").status_code == 200
    person = f"/programmes/enrolment/{oid(enrolment)}/"
    assert visit(world.office, person, {"form": "leave", "on": "2026-01-05", "reason": ""}, "office").status_code == 422
    follow(visit(world.office, person, {"form": "leave", "on": "2026-01-05", "reason": "调离"}, "office"))
    enrolment.refresh_from_db()
    assert str(enrolment.left_on) == "2026-01-05"
    follow(visit(world.office, person, {"form": "back", "reason": "误操作"}, "office"))
    enrolment.refresh_from_db()
    assert enrolment.left_on is None
    assert visit(world.office, person, role="office").status_code == 200


@pytest.mark.slow
def test_a_school_is_offered_no_form_that_an_office_above_it_decides_about(world, visit):
    row = started(world, visit)
    schools, pick = f"/programmes/{oid(row)}/schools/", oid(world.nine_year, "organisations.unit")
    page = visit(world.cio, schools, role="cio").content.decode()
    assert ("本校尚未参加" in page, "锦霖区组织实施" in page, f'value="{pick}"' in page) == (True, True, False)
    assert visit(world.cio, schools, {"do": "enrol", "pick": pick, "batch": "pilot"}, "cio").status_code == 404
    follow(visit(world.office, schools, {"do": "enrol", "pick": pick, "batch": "pilot"}, "office"))
    offered = [f'value="{pick}"' in visit(who, schools, role=role).content.decode()
               for who, role in ((world.cio, "cio"), (world.office, "office"))]  # fmt: skip
    assert offered == [False, True]


@pytest.mark.slow
def test_an_exemption_needs_a_second_person(world, visit):
    row = started(world, visit)
    pick = oid(world.nine_year, "organisations.unit")
    follow(
        visit(
            world.office, f"/programmes/{oid(row)}/schools/", {"do": "enrol", "pick": pick, "batch": "pilot"}, "office"
        )
    )
    follow(visit(world.office, f"/programmes/{oid(row)}/schools/{pick}/", {}, "office"))
    enrolment = Enrolment.objects.get(person=world.teacher.person)
    ask = f"/programmes/enrolment/{oid(enrolment)}/exempt/"
    assert visit(world.office, ask, role="office").status_code == 200
    follow(visit(world.office, ask, {"demand": "online", "starts": "2026-01-05", "reason": "产假"}, "office"))
    act = f"/programmes/exemptions/{oid(Exemption.objects.get())}/do/"
    assert visit(world.office, act, {"do": "grant"}, "office").status_code == 422
    assert visit(world.office, f"/programmes/{oid(row)}/exemptions/", role="office").status_code == 200
    follow(visit(second_office(world), act, {"do": "grant"}, "office"))
    assert Exemption.objects.get().granted_at is not None
    person = " ".join(
        visit(world.office, f"/programmes/enrolment/{oid(enrolment)}/", role="office").content.decode().split()
    )
    assert re.findall(r'<li>(\S+) <span class="label">([^<]+)</span>', person.split("<main")[1]) == [
        ("在线网络课程", "1月5日(周一)")
    ]
    follow(visit(world.office, act, {"do": "end", "reason": "已返岗"}, "office"))
    assert Exemption.objects.get().ended_at is not None


def test_a_sibling_office_finds_nothing(world, visit):
    row = started(world, visit)
    for url in ("", "schools/", "exemptions/", "source/"):
        assert visit(world.wu, f"/programmes/{oid(row)}/{url}", role="office").status_code == 404
    assert visit(world.wu, f"/programmes/{oid(row)}/do/", {"do": "close"}, "office").status_code == 404
