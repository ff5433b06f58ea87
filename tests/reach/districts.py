"""Two districts furnished alike: ours in plain words, the sibling with a unique token in everything that can be read.

LEAK0001X   in the sibling district: name, phone, mail, file, unit, title, plan, score, advice
HIDE0001X   in our own district: a colleague's evidence with its files, notes and ratings
"""

import hashlib
import io
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count

from django.apps import apps
from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange

from tests.progress.scene import Scene
from tests.progress.scene import plan as plan_document
from weineng.accounts.models import Account, ApiKey, Delegation, Grant
from weineng.activities.models import Product, Session, SignIn
from weineng.assessment.models import (
    Assignment,
    Dossier,
    HandOver,
    OwnMode,
    Phrase,
    Rating,
    Recusal,
    Result,
    ResultsSheet,
    Sample,
    StageRun,
)
from weineng.certification.actions import award_due
from weineng.evidence.models import Event, Item, Submission
from weineng.files.models import Blob, Upload, Use
from weineng.gateways import storage
from weineng.insight.models import MoveLook
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.words import LANGUAGES
from weineng.learning.models import AccountHome, Batch, HoursSheet, Naming, Provider, Record, StatementRule
from weineng.notices.models import Message
from weineng.organisations.actions import found_unit, merge_units
from weineng.organisations.models import Erasure, Person, Unit, UnitName
from weineng.organisations.rules import name_index
from weineng.planning.models import GroupPlan, PlanReview, SchoolPlan
from weineng.programmes.documents import from_json, to_json
from weineng.programmes.documents.lines import blank
from weineng.programmes.models import (
    Approval,
    Draft,
    EnrolledSchool,
    Enrolment,
    Exemption,
    Previewed,
    PreviewedSchool,
    Programme,
    Proposal,
    Version,
)
from weineng.programmes.queries import document_of
from weineng.programmes.rules import Sampling, Stage
from weineng.standards.models import Evidence

NOW = datetime(2026, 9, 1, 9, tzinfo=CIVIL)
EDITION = "ecnu-2019-unofficial"
_numbers = count(1)


def leak(_plain=""):
    return f"LEAK{next(_numbers):04}X"


def hide(_plain=""):
    return f"HIDE{next(_numbers):04}X"


def plain(word):
    return word


@dataclass
class Side:
    """One district with one school that takes part; `say` turns a plain word into what is stored."""

    district: int
    school: int
    group: int
    one: object  # a teacher
    two: object  # a colleague, who has passed
    cio: object
    office: object
    reviewer: object
    say: object
    say_of_two: object
    programme: Programme = None
    enrolments: dict = field(default_factory=dict)


class Districts:
    """Both sides, and which rows belong to the sibling: `foreign[model]` are primary keys."""

    def __init__(self, world, p4):
        self.world = world
        disguise(world)
        version = checked(p4.versions.get())
        self.ours = Side(
            world.district, world.nine_year, world.maths, world.teacher, world.colleague, world.cio, world.office, world.panel[0],
            plain, hide, p4,
        )  # fmt: skip
        furnish(self.ours, version)
        before = snapshot()
        other = Programme.objects.create(
            code="p4-sibling", owner_id=world.sibling, title={"en": leak()}, started_on=p4.started_on
        )
        copy = Version.objects.create(
            programme=other,
            number=1,
            source=leak(),
            document=version.document,
            digest="x",
            published_at=version.published_at,
        )
        EnrolledSchool.objects.create(
            programme=other, unit_id=world.sibling_school, batch="first-batch", since=date(2026, 1, 1)
        )
        passed = world.enter(leak(), world.sibling_group)
        self.theirs = Side(
            world.sibling, world.sibling_school, world.sibling_group, world.sibling_teacher, passed, world.wu, world.wu, world.wu,
            leak, leak, other,
        )  # fmt: skip
        furnish(self.theirs, copy)
        self.foreign = {model: keys - before[model] for model, keys in snapshot().items()}
        people = {world.wu.person, world.sibling_teacher.person, passed.person}
        self.foreign[Person] |= people
        self.foreign[Unit] |= {world.sibling, world.sibling_school, world.sibling_group}
        self.foreign[Grant] |= set(Grant.objects.filter(person__in=people).values_list("pk", flat=True))
        self.foreign[Account] |= set(Account.objects.filter(person__in=people).values_list("pk", flat=True))

    def own(self, model):
        """Primary keys of rows that are not the sibling's."""
        return sorted(set(model.objects.values_list("pk", flat=True)) - self.foreign[model])

    def numbers(self):
        """Every identity number of the cast: none may ever be shown in full."""
        return {member.number for member in self.world.everybody}


def checked(version):
    """The version, whose document has samples by the county and lets schools hand the panel over and have stages of their own."""
    document = from_json(version.document)
    title = {"zh-hans": "县级抽查", "zh-hant": "縣級抽查", "en": "Samples"}
    sample = Stage(
        "sample", title, "experts", 1, decides=False, days=30, does="samples", level="county", sampling=Sampling(5)
    )
    stages = [replace(stage, delegated_to="training-team") if stage.decides else stage for stage in document.stages]
    version.document = to_json(replace(document, stages=(*stages, sample), own_assessment="county"))
    Version.objects.filter(pk=version.pk).update(document=version.document)
    document_of.cache_clear()
    return version


def models():
    return [model for module in settings.MODULES for model in apps.get_app_config(module).get_models()]


def snapshot():
    return {model: set(model.objects.values_list("pk", flat=True)) for model in models()}


def disguise(world):
    """The sibling's units and people bear tokens."""
    for unit in (world.sibling, world.sibling_school, world.sibling_group):
        name = leak()
        Unit.objects.filter(pk=unit).update(name=name)
        UnitName.objects.filter(unit=unit).update(name=name)
    for member in (world.wu, world.sibling_teacher):
        name = leak()
        Person.objects.filter(pk=member.person).update(
            name=name,
            name_order=name.lower(),
            name_index=name_index(name),
            phone=leak(),
            mail=f"{leak()}@example.invalid",
        )


def furnish(side, version):
    """A year of a school: plans, sessions, records, evidence with its reviews, results, a certificate, messages."""
    say = side.say
    for member in (side.one, side.two):
        side.enrolments[member.person] = Enrolment.objects.create(
            programme=side.programme, version=version, person_id=member.person, since=date(2026, 1, 1)
        )
    _plans(side, say)
    _sessions(side, say)
    _records(side, say)
    _evidence(side, version, side.one, say)
    _evidence(side, version, side.two, side.say_of_two)
    _rest(side, say)
    _passed(side, version)
    old = found_unit(by=platform("test"), parent=side.school, name=say("旧组"), level="group", kind="group")
    MoveLook.objects.create(
        person=side.office.person, unit_id=side.school, to_id=side.district, on=date(2026, 2, 1), asked_at=NOW, state="refused",
        said=say("不能调整"),
    )  # fmt: skip
    merge_units(by=platform("test"), unit=old.pk, into=side.group, on=date(2026, 2, 1), reason=say("并组"))


def _plans(side, say):
    fields = {
        "programme": side.programme, "unit_id": side.school, "goals": say("目标"), "needs": say("需求"), "assessment": say("评审组"),
        "themes": [{"title": say("主题"), "points": ["A1"]}], "dimensions": ["learner-analysis", "teaching-design"],
        "timetable": [{"step": say("启动"), "from": "2026-04-01", "to": "2026-04-30", "who": say("谁")}],
        "diagnosis": {"devices": {"score": 3, "note": say("缺设备")}}, "points": ["A1", "A2", "A3", "B1"], "edited_at": NOW,
        "submitted_at": NOW, "environment": "multimedia",
    }  # fmt: skip
    filed = SchoolPlan.objects.create(
        number=1, state="filed", filing_number=say(f"F-{side.school}"), approved_on=NOW.date(), **fields
    )
    SchoolPlan.objects.create(number=2, state="submitted", **fields)
    PlanReview.objects.create(
        plan=filed, verdict="approved", comment=say("很好"), content={}, by=side.office.person, at=NOW
    )
    GroupPlan.objects.create(
        programme=side.programme, unit_id=side.group, school_plan=filed, theme=say("组主题"), points=["A1"], state="published",
        activities=[{"title": say("活动"), "on": "2026-05-01", "form": "training", "points": ["A1"]}], edited_at=NOW,
        pairs=[{"helper": side.one.person, "helped": side.two.person}], published_at=NOW,
    )  # fmt: skip


def _sessions(side, say):
    for place, state in enumerate(("closed", "planned", "open")):
        starts = NOW + timedelta(days=3 if state == "planned" else -3 + place, minutes=place)
        session = Session.objects.create(
            unit_id=side.group, programme=side.programme.code, kind="school-research", form="training", title=say(f"研修{place}"),
            place_name=say("会议室"), starts_at=starts, ends_at=starts + timedelta(hours=2), duration=90, host_id=side.cio.person,
            code="123456", state=state, minutes_text=say("纪要"), changed_at=NOW, closed_at=NOW if state == "closed" else None,
        )  # fmt: skip
    first = Session.objects.filter(unit=side.group, state="closed").get()
    SignIn.objects.create(session=first, person_id=side.one.person, at=NOW, method="code")
    product = Product.objects.create(session=first, title=say("成果"), added_by_id=side.one.person, added_at=NOW)
    file_of("activities.product", product.pk, side.one.person, say)
    return session


def _records(side, say):
    platform_ = Provider.objects.create(
        code=f"platform-{side.district}", name=say("平台"), owner_id=side.district, created_at=NOW
    )
    sheet = HoursSheet.objects.create(
        provider=platform_, name=say("学时表"), by=side.office.person, at=NOW, rows=3, created=3
    )
    batch = Batch.objects.create(provider=platform_, door="rest", name=say("批次"), rows=2, at=NOW, sheet=sheet)
    ApiKey.objects.create(
        provider=platform_.code, unit_id=side.district, label=say("钥匙"), prefix=f"k{side.district}", digest=f"d{side.district}",
        scopes=["records.read"], created_at=NOW,
    )  # fmt: skip
    fields = {
        "provider": platform_, "content": "", "person_type": "id-card", "mode": "online", "starts_at": NOW - timedelta(days=9),
        "ends_at": NOW - timedelta(days=9), "event_on": date(2026, 8, 23), "arrived_at": NOW, "batch": batch, "unit_id": side.group,
    }  # fmt: skip
    StatementRule.objects.create(
        provider=platform_, verbs=[f"https://{say('verb')}.example"], activity=f"https://{say('activity')}.example", minutes_by="duration",
        mode="online", course=say("课"), made_at=NOW,
    )  # fmt: skip
    AccountHome.objects.create(
        provider=platform_, home_page=f"https://{say('home')}.example", person_type="passport", made_at=NOW
    )
    Naming.objects.create(
        provider=platform_, person_id=side.one.person, person_type="passport", person_digest=say("digest"), at=NOW, reason=say("认")
    )  # fmt: skip
    for person in (side.one.person, side.two.person, None):
        Record.objects.create(
            source_id=say(f"r{person}"), person_id=person, person_name=say("记录名"), course=say("c"), canonical=say("c"),
            title=say("课程"), minutes=45, reason=say("理由"), **fields,
        )  # fmt: skip


def _evidence(side, version, member, say):
    enrolment = side.enrolments[member.person]
    for place, (point, state) in enumerate((("A1", "decided"), ("A2", "draft"), ("", "opened"))):
        handed_in = state != "draft"
        row = Submission.objects.create(
            person_id=member.person, enrolment=enrolment.pk, programme=side.programme.code, item="point" if point else "recording",
            point=point, edition=EDITION, state=state, level="pass" if state == "decided" else "", advice=say("建议"),
            unit_id=member.unit, handed_in_on=date(2026, 8, 1) if handed_in else None, note=say("说明"), created_at=NOW,
            submitted_at=NOW if handed_in else None, receipt=say(f"R{member.person}{place}") if handed_in else None, edited_at=NOW,
        )  # fmt: skip
        asked = Evidence.objects.filter(edition__code=EDITION, point__code=point) if point else None
        for evidence in (
            asked if asked is not None else Evidence.objects.filter(edition__code=EDITION, point__isnull=True)
        ):
            item = Item.objects.create(submission=row, seq=evidence.seq, rated=evidence.rated, text=say("正文"))
            file_of("evidence.item", item.pk, member.person, say)
        Event.objects.create(submission=row, kind="returned", version=1, at=NOW, text=say("退回"))
        if handed_in:
            _reviewed(side, row, member, say)


def _reviewed(side, row, member, say):
    """A dossier with a finished rating, and one that waits."""
    stage = version_stage(side)
    dossier = Dossier.objects.create(
        submission=row, version=1, person_id=member.person, enrolment=row.enrolment, stage=stage,
        state="decided" if row.state == "decided" else "open", opened_at=NOW,
    )  # fmt: skip
    run = StageRun.objects.create(dossier=dossier, stage=stage, place=3, wanted=2, decides=True)
    done = row.state == "decided"
    assignment = Assignment.objects.create(
        run=run, reviewer_id=side.reviewer.person, judged_id=member.person, role="panel", state="done" if done else "opened",
        assigned_at=NOW, due_on=date(2026, 9, 30), opened_at=NOW, done_at=NOW if done else None,
    )  # fmt: skip
    Rating.objects.create(assignment=assignment, seq=1, level="pass", comment=say("评语"), final=done, saved_at=NOW)


def version_stage(side):
    document = side.programme.versions.get().document
    return next(stage["code"] for stage in document["stages"] if stage["decides"])


def _propose(side, say):
    """A change of the side's programme that waits, looked at: its reason, a person, their school."""
    version = side.programme.versions.first()
    row = Proposal.objects.create(
        programme=side.programme, against=version, source=say("方案"), document=version.document, digest="x", everybody=True,
        reason=say("修订"), proposed_by=side.office.person, proposed_at=NOW, looks_made=1, looked_at=NOW, look_mark="x",
        look={"people": 1, "changed": 1, "verdicts": [["pass", "in-progress", 1]], "demands": {"online": [0, 1]},
              "schools": 1, "issued": 0, "ended": 1},
    )  # fmt: skip
    Previewed.objects.create(
        proposal=row, enrolment=side.enrolments[side.one.person].pk, person_id=side.one.person, school_id=side.one.school,
        was="pass", becomes="in-progress", lost=["online"], ended=1,
    )  # fmt: skip
    PreviewedSchool.objects.create(
        proposal=row, unit_id=side.one.school, verdicts=1, gained=0, fallen=1, issued=0, ended=1
    )
    title = {language: say("下一个方案") for language in LANGUAGES}
    draft = Draft.objects.create(
        owner_id=side.district, source=blank(side.programme.code, title), code=side.programme.code, title=title, begun_from=say("空白"),
        begun_at=NOW, edited_at=NOW, edited_by=side.office.person,
    )  # fmt: skip
    said = {language: [[say("最多两次"), say("最多三次")]] for language in LANGUAGES}
    Approval.objects.create(
        code=side.programme.code, title=title, owner_id=side.district, approver_id=side.district, level="county", draft=draft,
        lines=[{"path": "returns", "base": "2", "value": "3", "said": said}], reason=say("多退一次"),
        asked_by=side.cio.person, asked_at=NOW,
    )  # fmt: skip


def _rest(side, say):
    enrolment = side.enrolments[side.one.person]
    Exemption.objects.create(
        enrolment=enrolment, demand="online", during=DateRange(date(2026, 3, 1), date(2026, 4, 1)), reason=say("病假"),
        asked_by=side.cio.person,
    )  # fmt: skip
    Erasure.objects.create(
        person_id=side.one.person,
        reason=say("申请"),
        asked_by=side.office.person,
        asked_at=NOW,
        expires_at=NOW + timedelta(days=14),
    )
    _propose(side, say)
    Message.objects.create(
        person=side.one.person,
        event="session-planned",
        params={"title": say("标题"), "on": "2026-09-01"},
        dedupe="1",
        at=NOW,
    )
    Phrase.objects.create(person_id=side.reviewer.person, text=say("常用语"))
    _checks(side, say)
    Upload.objects.create(
        person=side.one.person, file_name=say("在途.pdf"), size=100, purpose="evidence.item:1", created_at=NOW, touched_at=NOW,
        expires_at=NOW + timedelta(days=7),
    )  # fmt: skip
    grant = Grant.objects.filter(person=side.cio.person, role="cio").get()
    Delegation.objects.create(
        principal_id=side.cio.person, agent_id=side.two.person, grant=grant, starts_on=NOW.date() - timedelta(days=1),
        ends_on=NOW.date() + timedelta(days=9), reason=say("出差"),
    )  # fmt: skip


def _checks(side, say):
    """A sample that was stopped, a stage handed over, a mode of the school's own that was proposed, a reviewer who recused themselves."""
    Sample.objects.create(
        programme=side.programme, stage="sample", unit_id=side.district, number=1, state="stopped", until=NOW.date(), share=5, least=1,
        tolerance=0, size=1, digest="d", seed="s", framed_at=NOW, drawn_at=NOW, ended_at=NOW, reason=say("停止"),
    )  # fmt: skip
    HandOver.objects.create(
        programme=side.programme, unit_id=side.school, stage=version_stage(side), at=NOW, by=side.cio.person
    )
    OwnMode.objects.create(
        programme=side.programme, unit_id=side.school, why=say("自主设计"), submitted_at=NOW,
        stages=[{"by": "panel", "reviewers": 3, "days": 14, "decides": True, "third": True}],
    )  # fmt: skip
    Recusal.objects.create(reviewer_id=side.reviewer.person, judged_id=side.two.person, reason=say("亲属"), at=NOW)


def _passed(side, version):
    """The colleague has done everything: counted, and certified."""
    scene = Scene.__new__(Scene)
    scene.document, scene.programme, scene.version, scene.numbers = (
        plan_document("p4-district"),
        side.programme,
        version,
        {},
    )
    scene.numbers[f"s{side.district}"] = 0
    two = side.enrolments[side.two.person].pk
    scene.choose(two, ["A1", "A3", "A5"])
    for mode, minutes, course in (("online", 900, "C"), ("school-research", 450, "R")):
        for day in range(minutes // 90):
            scene.record(
                two,
                90,
                datetime(2026, 3, 2 + day, 8, tzinfo=CIVIL),
                mode=mode,
                course=course,
                source=f"s{side.district}",
            )
    for point in ("A1", "A3", "A5", ""):
        scene.result(two, point)
    sheet = ResultsSheet.objects.create(
        programme=side.programme, unit_id=side.district, name=side.say("结果表"), by=side.office.person, at=NOW, rows=4, created=4
    )  # fmt: skip
    detail = {"1": side.say("pass")}
    Result.objects.filter(enrolment=two).update(reason=side.say("理由"), detail=detail, sheet=sheet)
    scene.choose(side.enrolments[side.one.person].pk, ["A1", "A2", "A3"])
    scene.recount(*(enrolment.pk for enrolment in side.enrolments.values()))
    award_due(by=platform("settle"))


def file_of(holder, pk, person, say):
    """A small file with its name and content."""
    name, data = say("材料") + ".txt", f"{say('内容')} {holder} {pk}".encode()
    digest = hashlib.sha256(data).hexdigest()
    storage.store().put(io.BytesIO(data), digest)
    blob = Blob.objects.create(digest=digest, size=len(data), media_type="text/plain", family="document", stored_at=NOW)
    return Use.objects.create(blob=blob, holder=holder, holder_id=pk, person=person, file_name=name, added_at=NOW)
