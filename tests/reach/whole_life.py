"""A whole life on the platform for one person: at least one row of every kind that holds something personal, with tokens."""

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BinaryField, CharField, JSONField, TextField

from tests.files.conftest import edges_of
from tests.progress.scene import Scene
from tests.progress.scene import plan as plan_document
from tests.reach.districts import EDITION, NOW, file_of, models, version_stage
from tests.settling import run_once
from tests.world import PASSWORD
from weineng.accounts.actions import (
    delegate,
    end_grant,
    enrol_second_factor,
    issue_codes,
    revoke_delegation,
    set_password,
)
from weineng.accounts.models import Account, Delegation, Grant, RecoveryCode
from weineng.activities.models import Product, Session, SignIn
from weineng.assessment.models import (
    Acceptance,
    AcceptedPerson,
    Assignment,
    Dossier,
    Phrase,
    Rating,
    Recusal,
    Result,
    ResultsSheet,
    StageRun,
)
from weineng.certification.models import Certificate
from weineng.evidence.models import Event, Item, Submission
from weineng.files.actions import begin_upload, finish_upload
from weineng.files.arrivals import receive
from weineng.files.models import Upload, Use
from weineng.files.rules import MB, Limits
from weineng.insight.actions import read_intake
from weineng.insight.models import Intake, TakeBack
from weineng.insight.rules import roster_purpose
from weineng.kernel.ciphers import encrypt
from weineng.kernel.clock import CIVIL
from weineng.learning.actions import decide_overlap, void_record
from weineng.learning.models import AccountHome, Batch, HoursSheet, Naming, Provider, Record
from weineng.organisations.actions import apply_roster, change_person, end_posting, merge_people, reveal_identity
from weineng.organisations.models import Person, Posting, Roster
from weineng.organisations.queries import rows_about
from weineng.organisations.rules import Number, RosterRow, digest_of, mail_sha1
from weineng.planning.models import Declaration, Diagnosis, HandbookEntry
from weineng.programmes.actions import ask_exemption, end_exemption, grant_exemption, let_leave
from weineng.programmes.models import Enrolment, Touched
from weineng.statements.models import Agent, Document, Source, Statement
from weineng.statements.rules.keys import identity, key_of
from weineng.statements.rules.times import first_at

LIMITS = Limits({"document": 9 * MB, "other": 9 * MB})
SHARED = "the same bytes, brought by two people"
# Personal columns that hold words of a list, or (edges) a digest by which an erased file stays known: that they are empty is
# tested elsewhere.
PLAIN = {"gender", "birth_date", "person_type", "name_order", "name_index", "edges"}
# What must stay as it is to work until it is erased: it holds a token or a secret of its own already.
GIVEN = {
    ("accounts.Account", "password"), ("accounts.BrowserSession", "session_data"), ("certification.Certificate", "claim"),
    ("organisations.Roster", "wrote"), ("organisations.Merge", "moved"), ("notices.Message", "params"), ("organisations.Person", "phone"),
}  # fmt: skip


class Life:
    """One person's: `mark` begins every token of theirs; `token()` gives the next."""

    def __init__(self, districts, member, second, mark):
        self.world, self.side, self.member, self.second, self.mark = (
            districts.world,
            districts.ours,
            member,
            second,
            mark,
        )
        self.office, self.by, self.count = districts.world.office.actor, member.actor, 0
        self.programme = districts.ours.programme
        self.version = self.programme.versions.get()
        self.records = [member.person]

    def token(self, _plain=""):
        self.count += 1
        return f"{self.mark}{self.count:04}x"

    def live(self):
        """Everything, by actions where a person would act, as the modules would have left it where many steps lie between."""
        self.known()
        self.account()
        self.files()
        self.sessions()
        self.takes_part()
        self.hours()
        self.evidence()
        self.sheets()
        self.statements()
        self.leaves()
        self.plant()
        return self

    def known(self):
        number = Number("passport", f"{self.mark}777")
        change_person(
            by=self.office, person=self.member.person, name=self.token(), phone=f"139{self.member.person:08}", mail=self.token(),
            birth_date=date(1971, 3, 14), gender="f", numbers=[number],
        )  # fmt: skip
        reveal_identity(by=self.office, person=self.member.person, type="passport", reason=self.token())
        other = self.world.enter(self.token(), self.side.group, staff_number=self.token())
        end_posting(by=self.office, posting=Posting.objects.get(person=other.person).pk, on=date(2026, 1, 31))
        merge_people(by=self.office, kept=self.member.person, gone=other.person, reason=self.token(), end_numbers=True)
        self.records.append(other.person)

    def account(self):
        account = Account.objects.get(pk=self.member.account)
        issue_codes(by=self.office, accounts=[account.pk])
        set_password(by=self.by, old=PASSWORD, new=f"{self.token()} und so weiter")
        enrol_second_factor(by=self.by)
        RecoveryCode.objects.create(account=account, digest=digest_of("recovery", self.token()))
        mine = self.world.grant(self.member.person, "group-leader", self.world.maths)
        until = NOW.date() + timedelta(days=9)
        delegate(
            by=self.member.actor, grant=mine.pk, agent=self.world.leader.person, ends_on=until, reason=self.token()
        )
        theirs = Grant.objects.get(person=self.world.cio.person, role="cio")
        lent = delegate(
            by=self.world.cio.actor, grant=theirs.pk, agent=self.member.person, ends_on=until, reason=self.token()
        )
        revoke_delegation(by=self.world.cio.actor, delegation=lent.pk)
        end_grant(by=self.office, grant=mine.pk, reason=self.token())
        assert Delegation.objects.filter(principal=self.member.person).exists()

    def bring(self, text, purpose="test:1", name=""):
        data = text.encode()
        upload = begin_upload(
            by=self.by, purpose=purpose, limits=LIMITS, file_name=name or f"{self.token()}.txt", size=len(data), edges=edges_of(data)
        )  # fmt: skip
        receive(by=self.by, upload=upload.pk, offset=0, blocks=iter([data]))
        return finish_upload(by=self.by, upload=upload.pk)

    def files(self):
        self.upload = self.bring(f"{self.token()}\n{self.token()}")
        self.shared = self.bring(SHARED)
        Use.objects.create(
            blob=self.shared.blob, upload=self.shared, holder="evidence.item", holder_id=0, person=self.member.person,
            file_name=self.token(), added_at=NOW,
        )  # fmt: skip
        half = begin_upload(by=self.by, purpose="test:1", limits=LIMITS, file_name=self.token(), size=5_000)
        receive(by=self.by, upload=half.pk, offset=0, blocks=iter([self.token().encode()]))

    def sessions(self):
        starts = NOW - timedelta(days=5, minutes=self.member.person)
        session = Session.objects.create(
            unit_id=self.side.group, programme=self.programme.code, kind="school-research", form="training", title="研修", starts_at=starts,
            ends_at=starts + timedelta(hours=2), duration=90, host_id=self.member.person, state="closed", minutes_text=self.token(),
            changed_at=NOW, closed_at=NOW,
        )  # fmt: skip
        SignIn.objects.create(session=session, person_id=self.member.person, at=NOW, method="code")
        SignIn.objects.create(session=session, person_id=self.world.colleague.person, at=NOW, method="code")
        SignIn.objects.create(
            session=Session.objects.filter(unit=self.side.group, state="closed").earliest("pk"), person_id=self.member.person, at=NOW,
            method="host", struck_at=NOW, struck_reason=self.token(),
        )  # fmt: skip
        product = Product.objects.create(session=session, title="成果", added_by_id=self.member.person, added_at=NOW)
        file_of("activities.product", product.pk, self.member.person, self.token)

    def takes_part(self):
        self.enrolment = Enrolment.objects.create(
            programme=self.programme, version=self.version, person_id=self.member.person, since=date(2026, 1, 1)
        )
        asked = ask_exemption(
            by=self.office, enrolment=self.enrolment.pk, demand="online", starts=date(2026, 2, 1), ends=date(2026, 2, 2),
            reason=self.token(),
        )  # fmt: skip
        grant_exemption(by=self.second.actor, exemption=asked.pk)
        end_exemption(by=self.office, exemption=asked.pk, reason=self.token())
        Declaration.objects.create(
            enrolment=self.enrolment, point="A1", dimension="x", declared_at=NOW, returned_at=NOW, advice=self.token()
        )
        Diagnosis.objects.create(enrolment=self.enrolment, answers={"x": self.token()}, edited_at=NOW)
        HandbookEntry.objects.create(
            enrolment=self.enrolment, task="read", note=self.token(), done_at=NOW, returned_at=NOW, advice=self.token()
        )

    def hours(self):
        scene = self.scene()
        choice = scene.choose(self.enrolment.pk, ["A1", "A3", "A5"])
        choice.diagnosis = {"x": self.token()}
        choice.save(update_fields=["diagnosis"])
        for mode, minutes, course in (("online", 900, "C"), ("school-research", 450, "R")):
            for day in range(minutes // 90):
                scene.record(
                    self.enrolment.pk, 90, datetime(2026, 3, 2 + day, 8, tzinfo=CIVIL), mode=mode, course=course,
                    source=f"s{self.side.district}", number=f"{self.mark[:4]}-{mode}-{day}",
                )  # fmt: skip
        Provider.objects.filter(code=f"s{self.side.district}").update(owner=self.side.district)
        for row in Record.objects.filter(person=self.member.person):
            number = self.token()
            row.person_cipher, row.person_digest = encrypt(number.encode()), digest_of("id-card", number)
            row.person_type, row.person_name, row.content = "id-card", self.token(), digest_of("x", number)
            row.save()
        twice = scene.record(
            self.enrolment.pk, 60, datetime(2026, 3, 2, 8, tzinfo=CIVIL), course="D", source=f"s{self.side.district}",
            number=f"{self.mark[:4]}-twice",
        )  # fmt: skip
        decide_overlap(by=self.office, record=twice.pk, reason=self.token())
        wrong = scene.record(
            self.enrolment.pk, 60, datetime(2026, 4, 2, 8, tzinfo=CIVIL), course="E", source=f"s{self.side.district}",
            number=f"{self.mark[:4]}-wrong",
        )  # fmt: skip
        void_record(by=self.office, record=wrong.pk, reason=self.token())
        change_person(by=self.office, person=self.member.person, numbers=[Number("passport", f"{self.mark}888")])
        self.sent = digest_of(
            "x", f"{self.mark}777"
        )  # a hash of the number: whoever has the rest could try numbers out
        Record.objects.create(  # of a number that had ended when it came: given to nobody
            provider=wrong.provider, source_id=f"{self.mark[:4]}-unknown", content=self.sent, person=None, person_type="passport",
            person_cipher=encrypt(f"{self.mark}777".encode()), person_digest=digest_of("passport", f"{self.mark}777"),
            person_name=self.token(), mode="online", course="F", canonical="F", starts_at=NOW, ends_at=NOW, event_on=NOW.date(),
            minutes=45, arrived_at=NOW,
        )  # fmt: skip

    def scene(self):
        scene = Scene.__new__(Scene)
        scene.document, scene.programme, scene.version, scene.numbers = (
            plan_document("p4-district"), self.programme, self.version, {},
        )  # fmt: skip
        return scene

    def evidence(self):
        row = self.submission(self.member, self.enrolment, "A1", "decided")
        item = Item.objects.create(submission=row, seq=1, rated=True, text=self.token())
        Use.objects.create(
            blob=self.upload.blob, upload=self.upload, holder="evidence.item", holder_id=item.pk, person=self.member.person,
            file_name=self.token(), added_at=NOW,
        )  # fmt: skip
        Event.objects.create(submission=row, kind="returned", version=1, at=NOW, text=self.token())
        self.judged(row, self.member.person, self.enrolment, self.world.panel[0].person)
        theirs = Enrolment.objects.get(person=self.world.colleague.person, programme=self.programme)
        other = self.submission(self.world.colleague, theirs, self.mark[:1] + "9", "decided")
        self.judged(other, self.world.colleague.person, theirs, self.member.person)
        for reviewer, judged in ((self.member, self.world.loner), (self.world.panel[1], self.member)):
            Recusal.objects.create(reviewer_id=reviewer.person, judged_id=judged.person, reason=self.token(), at=NOW)
        Phrase.objects.create(person_id=self.member.person, text=self.token())
        seen, _new = Acceptance.objects.get_or_create(
            programme=self.programme, stage="acceptance", unit_id=self.side.school
        )
        AcceptedPerson.objects.create(
            acceptance=seen, enrolment=self.enrolment.pk, person_id=self.member.person, state="accepted", through=0, at=NOW,
            reason=self.token(),
        )  # fmt: skip
        for point in ("A1", "A3", "A5", ""):
            self.scene().result(self.enrolment.pk, point)
        Result.objects.filter(person=self.member.person).update(reason=self.token())
        run_once()

    def submission(self, member, enrolment, point, state):
        return Submission.objects.create(
            person_id=member.person, enrolment=enrolment.pk, programme=self.programme.code, item="point", point=point, edition=EDITION,
            state=state, level="pass", advice=self.token() if member is self.member else "", unit_id=member.unit,
            handed_in_on=date(2026, 8, 1), note=self.token() if member is self.member else "", created_at=NOW, submitted_at=NOW,
            receipt=f"R{self.mark[:4]}{member.person}{point}", edited_at=NOW,
        )  # fmt: skip

    def judged(self, row, person, enrolment, reviewer):
        stage = version_stage(self.side)
        dossier = Dossier.objects.create(
            submission=row,
            version=1,
            person_id=person,
            enrolment=enrolment.pk,
            stage=stage,
            state="decided",
            opened_at=NOW,
        )
        run = StageRun.objects.create(dossier=dossier, stage=stage, place=3, wanted=2, decides=True)
        given = Assignment.objects.create(
            run=run, reviewer_id=reviewer, judged_id=person, role="panel", state="done", assigned_at=NOW, done_at=NOW
        )
        Rating.objects.create(assignment=given, seq=1, level="pass", comment=self.token(), final=True, saved_at=NOW)

    def statements(self):
        """What a platform said of them: by an account that was found to be theirs, and by their numbers, mail and its hash."""
        source, _made = Source.objects.get_or_create(code=f"platform-{self.side.district}", defaults={"opened_at": NOW})
        named = {"account": {"homePage": "https://platform.example", "name": self.token()}}
        agent = Agent.objects.create(
            key=key_of(source.pk, "agent", identity(named)), source=source, identifier=identity(named), names=[self.token()],
            person_id=self.member.person,
        )  # fmt: skip
        Statement.objects.create(
            seq=first_at(NOW) + agent.pk % 4096, source=source, sid=uuid4(), body=self.token(), actor=agent, verb=1,
            digest=self.mark.encode(),
        )  # fmt: skip
        Document.objects.create(
            place=uuid4(), source=source, kind="state", agent=agent, name=self.token(), media_type="text/plain",
            contents=self.token().encode(), changed_at=NOW,
        )  # fmt: skip

        for other in self.names_of(source):
            known = Agent.objects.create(
                key=key_of(source.pk, "agent", identity(other)), source=source, identifier=identity(other), names=[self.token()]
            )  # fmt: skip
            Statement.objects.create(
                seq=first_at(NOW) + known.pk % 4096, source=source, sid=uuid4(), body=self.token(), actor=known, verb=1,
                digest=self.mark.encode(),
            )  # fmt: skip

    def names_of(self, source):
        home = f"https://{source.code}.example"
        AccountHome.objects.get_or_create(
            provider=Provider.objects.get(code=source.code), home_page=home, person_type=f"platform:{source.code}",
            defaults={"made_at": NOW},
        )  # fmt: skip
        account, openid = self.token(), f"https://{self.token()}.example"
        numbers = [Number(f"platform:{source.code}", account), Number("openid", openid)]
        change_person(by=self.office, person=self.member.person, numbers=numbers)
        mail = Person.objects.get(pk=self.member.person).mail
        return (
            {"account": {"homePage": home, "name": account.upper()}}, {"openid": openid}, {"mbox": f"mailto:{mail.upper()}"},
            {"mbox_sha1sum": mail_sha1(mail)},
        )  # fmt: skip

    def sheets(self):
        """What they brought themselves, and what others brought that names them."""
        provider = Provider.objects.get(code=f"platform-{self.side.district}")
        sheet = HoursSheet.objects.create(provider=provider, name=self.token(), by=self.member.person, at=NOW, rows=1)
        Batch.objects.create(provider=provider, door="web", name=self.token(), rows=1, at=NOW, sheet=sheet)
        Naming.objects.create(
            provider=provider, person_id=self.member.person, person_type=f"platform:{provider.code}", person_digest=self.token(),
            by=self.office.person, at=NOW, ended_at=NOW, reason=self.token(),
        )  # fmt: skip
        ResultsSheet.objects.create(
            programme=self.programme,
            unit_id=self.side.district,
            name=self.token(),
            by=self.member.person,
            at=NOW,
            rows=1,
        )
        name = type(self.posting().person).objects.get(pk=self.member.person).name
        roster = apply_roster(
            by=self.office, unit=self.side.district, as_of=date(2026, 8, 20), name="名册.csv",
            rows=[RosterRow(
                row=2, name=name, school=self.side.school, id_type="id-card", id_number=self.member.number,
                    phone=f"138{self.member.person:08}",
                group="数学教研组", staff_number=self.token(),
            )],
        ).roster  # fmt: skip
        assert roster is not None
        Roster.objects.create(
            unit_id=self.side.district, name=self.token(), as_of=NOW.date(), at=NOW, by=self.member.person, new=0, changed=0, same=0,
            wrote={"known": [], "new": [], "people": [], "posts": [], "numbers": [], "groups": [], "digest": ""},
        )  # fmt: skip
        text = f"姓名,证件号码,学校名称,教研组\n{name},{self.member.number},锦霖区白石镇九年一贯制学校,数学教研组"
        for life_by in (self.office, self.by):
            data = f"{text}\n".encode() if life_by is self.by else text.encode()
            purpose = roster_purpose(self.side.district)
            upload = begin_upload(
                by=life_by, purpose=purpose, limits=LIMITS, file_name=self.token() + ".csv", size=len(data)
            )
            receive(by=life_by, upload=upload.pk, offset=0, blocks=iter([data]))
            finish_upload(by=life_by, upload=upload.pk)
            if life_by is self.office:
                read_intake(by=life_by, unit=self.side.district, upload=upload.pk)
        TakeBack.objects.create(
            kind="hours", sheet=sheet.pk, person=self.member.person, reason=self.token(), state="done", asked_at=NOW
        )
        mine = Upload.objects.filter(person=self.member.person, purpose=purpose).get()
        read = Intake.objects.latest("pk")
        Intake.objects.create(
            upload=mine, unit_id=self.side.district, person=self.member.person, file_name=self.token(), rows=1, read_at=NOW,
            reading=read.reading, understood=read.understood,
        )  # fmt: skip

    def posting(self):
        return Posting.objects.select_related("person").get(
            person=self.member.person, home=True, during__contains=NOW.date()
        )

    def leaves(self):
        let_leave(by=self.office, enrolment=self.enrolment.pk, on=NOW.date(), reason=self.token())
        end_posting(by=self.office, posting=self.posting().pk, on=NOW.date(), reason=self.token())

    def rows(self, model):
        return rows_about(model, self.records)

    def plant(self):
        """A token of its own in every personal text that has none, whatever the model."""
        for model in personal_models():
            for field in personal_columns(model):
                if (model._meta.label, field.name) in GIVEN or not isinstance(field, CharField | TextField):
                    continue
                if getattr(field, "max_length", None) == 64:  # a digest
                    continue
                for row in self.rows(model):
                    if self.mark.lower() not in str(getattr(row, field.name)).lower():
                        model.objects.filter(pk=row.pk).update(**{field.name: self.token()[: field.max_length]})


def personal_models():
    return [model for model in models() if getattr(model, "whose", ())]


def personal_columns(model):
    return [model._meta.get_field(name) for name in sorted(model.personal - PLAIN)]


def secrets_of(life):
    """(model, column) → what may be found nowhere afterwards: whole texts with a token, digests, secrets, ciphers as the
    database writes them."""
    found = {}
    for model in personal_models():
        for field in personal_columns(model):
            values = life.rows(model).values_list(field.name, flat=True)
            found[model._meta.label, field.name] = {
                word for value in values for word in _words(value, field, life.mark)
            }
    return found


def _words(value, field, mark):
    if value is None or value == "":
        return
    if isinstance(field, BinaryField):
        yield bytes(value).hex()
    elif isinstance(field, ArrayField):
        yield from value
    elif isinstance(field, JSONField):
        yield from _leaves(value, mark)
    else:
        yield str(value)


def _leaves(value, mark):
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one, mark)
    elif mark in str(value).lower():
        yield value


def dump(store):
    """Every row of every table as text, and every file, in small letters."""
    parts = []
    with connection.cursor() as cursor:
        cursor.execute("select table_name from information_schema.tables where table_schema = 'public' order by 1")
        for (table,) in cursor.fetchall():
            cursor.execute(f'select t::text from "{table}" t')
            parts += [row for (row,) in cursor.fetchall()]
    parts += [
        path.read_bytes().decode("utf-8", "replace")
        for folder in store
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    return "\n".join(parts).lower()


def sums():
    """Everything counted, row for row."""
    from weineng.progress.models import Counted, Standing, StandingHistory, Tally

    kept = {}
    for model in (Counted, Standing, StandingHistory, Tally):
        rows = model.objects.order_by().values()
        kept[model.__name__] = Counter(str({k: v for k, v in row.items() if k != "id"}) for row in rows)
    kept["certificates"] = Counter(Certificate.objects.values_list("number", "level", "revoked_at"))
    kept["waiting"] = Touched.objects.count()
    return kept
