"""A list asks the database as often for many rows as for one."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.reach.crawling import clients
from tests.reach.districts import NOW, _evidence
from weineng.accounts.models import ApiKey
from weineng.activities.models import Session
from weineng.assessment.models import Result
from weineng.certification.models import Certificate
from weineng.kernel.actors import platform
from weineng.learning.models import Record
from weineng.notices.models import Message
from weineng.organisations.actions import found_unit
from weineng.planning.models import SchoolPlan
from weineng.programmes.models import Draft, EnrolledSchool, Enrolment, Exemption, Touched
from weineng.progress.actions import recount
from weineng.web.shell.addresses import oid

pytestmark = pytest.mark.slow


def copies(row, **changes):
    """Two more rows like this one; `changes` maps a field to a function of 1 and 2."""
    for number in (1, 2):
        row.pk, row._state.adding = None, True
        for name, make in changes.items():
            setattr(row, name, make(number))
        row.save()


def newcomers(districts):
    """Two more teachers of the school who take part."""
    world, programme = districts.world, districts.ours.programme
    version, made = programme.versions.get(), []
    for number in (1, 2):
        member = world.enter(f"新来{number}", world.maths)
        row = Enrolment.objects.create(
            programme=programme, version=version, person_id=member.person, since=date(2026, 1, 1)
        )
        districts.ours.enrolments[member.person] = row
        made.append((member, row))
    Touched.objects.bulk_create(Touched(enrolment=row.pk, at=NOW) for _member, row in made)
    recount(by=platform("settle"))
    return made


def more_evidence(districts):
    for member, row in newcomers(districts):
        _evidence(districts.ours, row.version, member, lambda word, own=member.person: f"{word}{own}")


def more_certificates(districts):
    row = Certificate.objects.get(school=districts.world.nine_year)
    people = newcomers(districts)
    copies(
        row, number=lambda n: f"copy-{n}", code=lambda n: f"copy{n}", person_id=lambda n: people[n - 1][0].person,
        enrolment_id=lambda n: people[n - 1][1].pk,
    )  # fmt: skip


def more_results(districts):
    """Two more people with a result each."""
    row = Result.objects.filter(person=districts.world.colleague.person, item="point").first()
    people = newcomers(districts)
    copies(
        row, person_id=lambda n: people[n - 1][0].person, enrolment=lambda n: people[n - 1][1].pk,
        submission_id=lambda n: None,
    )  # fmt: skip


def more_plans(districts):
    units = {1: districts.world.kindergarten, 2: districts.world.vocational}
    copies(SchoolPlan.objects.get(unit=districts.world.nine_year, number=2), unit_id=units.get)


def more_schools(districts):
    """Two more schools, with somebody in them who takes part."""
    world, programme = districts.world, districts.ours.programme
    for number in (1, 2):
        office = world.office.actor
        school = found_unit(by=office, name=f"新校{number}", level="school", kind="primary", parent=world.district)
        member = world.enter(f"新人{number}", school.pk)
        EnrolledSchool.objects.create(programme=programme, unit=school, batch="", since=date(2026, 1, 1))
        Enrolment.objects.create(
            programme=programme, version=programme.versions.get(), person_id=member.person, since=date(2026, 1, 1)
        )


def more_sessions(districts):
    for state in ("closed", "planned", "open"):
        copies(Session.objects.get(unit=districts.world.maths, state=state))


def more_records(districts):
    copies(
        Record.objects.filter(person=districts.world.teacher.person, unit=districts.world.maths).first(),
        source_id=lambda n: f"copy{n}",
    )


def more_messages(districts):
    copies(Message.objects.filter(person=districts.world.teacher.person).first(), dedupe=lambda n: f"copy{n}")


def more_keys(districts):
    row = ApiKey.objects.get(unit=districts.world.district)
    copies(row, prefix=lambda n: f"copy{n}", digest=lambda n: f"copy{n}")


def more_exemptions(districts):
    copies(Exemption.objects.get(enrolment__person=districts.world.teacher.person))


def more_drafts(districts):
    copies(Draft.objects.get(owner=districts.world.district), code=lambda n: f"copy{n}")


LISTS = {
    "drafts": ("office", "/programmes/drafts/", more_drafts),
    "review queue": ("panel-member", "/review/", more_evidence), "sessions": ("teacher", "/sessions/", more_sessions),
    "own records": ("teacher", "/learning/", more_records), "records": ("office", "/learning/", more_records),
    "plans": ("office", "/plans/review/", more_plans), "messages": ("teacher", "/messages/", more_messages),
    "overview": ("cio", "/progress/unit/{school}/", newcomers), "people": ("office", "/progress/unit/{school}/people/", newcomers),
    "past people": ("office", "/progress/unit/{school}/people/?on=2026-06-30", newcomers),
    "units": ("office", "/units/{district}/", more_schools), "staff": ("cio", "/units/{school}/people/", newcomers),
    "schools": ("office", "/programmes/{programme}/schools/", more_schools),
    "enrolled": ("office", "/programmes/{programme}/schools/{school}/", newcomers),
    "accounts": ("cio", "/accounts/at/{school}/", newcomers), "keys": ("office", "/accounts/keys/", more_keys),
    "results": ("office", "/results/", more_results),
    "certificates": ("cio", "/certificates/school/{school}/", more_certificates),
    "exemptions": ("office", "/programmes/{programme}/exemptions/", more_exemptions),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_as_often_for_many_rows_as_for_few(districts, sign_in, name):
    role, path, grow = LISTS[name]
    browser = clients(districts, sign_in, (role,))[role]
    words = {
        "district": oid(districts.world.district, "organisations.unit"),
        "school": oid(districts.world.nine_year, "organisations.unit"),
        "programme": oid(districts.ours.programme),
    }
    url = path.format(**words)
    few, length = asked(browser, url)
    grow(districts)
    many, longer = asked(browser, url)
    assert longer > length, "the list has not grown"
    assert many == few


def asked(browser, url):
    """How many queries a page needs (what is kept in memory is warm), and how long it is."""
    assert browser.get(url).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(url)
    return len(queries), len(answer.content)
