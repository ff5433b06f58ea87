"""A small invented world, the same in every test: a province, its schools, and a cast of people with roles.

    def test_something(world):
        assert members_of(world.maths) == ...
        seal_submission(by=world.teacher.actor, ...)

It is built once per run and rolled back to after each test; nothing in it is dated before 2025-09-01 (SINCE), when all
posts and roles begin, and nothing changes by itself after 2026-01-01 (MOVED_ON): set the clock to any later day.

Units (ids):
    province > city > district (锦霖区) > zone > kindergarten, nine_year ; district > vocational (levels may be skipped)
    nine_year > chinese, maths (groups) ; kindergarten > play ; vocational > computing, mechanics
    city > sibling (青石区) > sibling_school > sibling_group
    moved: a school that stood under the district until MOVED_ON and stands under the sibling district since
    `schools` = the district's three; office people are posted at the district itself.

Cast (`Member`: person and account ids, name, unit, `actor`, a fresh Actor each time it is asked for):
    teacher, colleague, leader (leads it)      group maths of the nine-year school
    chinese_teachers (2), loner (school without a group), retired (in_post retired), unplaced (post ended 2025-12-31)
    cio, principal                             nine-year school (the CIO is a teacher of the Chinese group)
    panel (3)                                  panel members of the nine-year school; they teach in the vocational school
    office, auditor                            the district's project office and its auditor
    kindergarten_teachers (2), kindergarten_cio, vocational_teachers (2 + panel)
    two_posts                                  home in computing, a second post in maths
    wu                                         must see nothing: CIO, principal, group leader, panel member and office
                                               of the sibling district
    moved_teacher                              teaches in the school that moved away
    provider                                   no person: an Actor that delivers for the platform `qingyun`
`everybody` is every Member; `people` maps a name in this list to its Member. `world.member(person)` finds one by id.
Everybody has an account whose sign-in name is the key below (teacher, colleague, …; lists are numbered from 1) and whose
password is PASSWORD. `world.enter(name, unit, …)` adds one more teacher; `world.grant(person, role, unit)` a role.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property

from weineng.accounts.models import Account, Grant
from weineng.accounts.queries import actor_in, posts_of
from weineng.accounts.roles import SOURCE
from weineng.kernel.actors import Actor
from weineng.kernel.ciphers import encrypt, key_version
from weineng.learning.models import Provider
from weineng.organisations.effects import rebuild_closure, since
from weineng.organisations.models import Edge, ExternalIdentifier, Person, Posting, Unit, UnitName
from weineng.organisations.rules import digest_of, name_index, name_order

SINCE = date(2025, 9, 1)
MOVED_ON = date(2026, 1, 1)
KNOWN = datetime(2025, 9, 1, 1, 0, tzinfo=UTC)
PASSWORD = "an invented pass phrase"
PROVIDER = "qingyun"


@dataclass(frozen=True)
class Member:
    """One of the cast."""

    key: str
    name: str
    person: int
    account: int
    unit: int  # of the home posting
    school: int
    number: str  # an invented identity number with a right check character

    @property
    def actor(self) -> Actor:
        """What this person may do now, as their grants say at this moment."""
        return actor_in(self.person, posts_of(self.person), "web")


# key, name, level, kind, parent, code, stages
UNITS = (
    ("province", "岷岭省", "province", "area", None, "519000", ()),
    ("city", "澄州市", "city", "area", "province", "519900", ()),
    ("district", "锦霖区", "county", "area", "city", "519901", ()),
    ("zone", "城区片", "zone", "zone", "district", None, ()),
    ("kindergarten", "锦霖区第一幼儿园", "school", "kindergarten", "zone", "1151990011", ("preschool",)),
    ("nine_year", "锦霖区白石镇九年一贯制学校", "school", "nine-year", "zone", "3151990032", ("primary", "junior")),
    ("vocational", "锦霖区职业教育中心", "school", "vocational", "district", "3651990051", ("vocational",)),
    ("play", "学前综合教研组", "group", "group", "kindergarten", None, ()),
    ("chinese", "语文教研组", "group", "group", "nine_year", None, ()),
    ("maths", "数学教研组", "group", "group", "nine_year", None, ()),
    ("computing", "计算机教研组", "group", "group", "vocational", None, ()),
    ("mechanics", "机电教研组", "group", "group", "vocational", None, ()),
    ("sibling", "青石区", "county", "area", "city", "519902", ()),
    ("sibling_school", "青石区第二小学", "school", "primary", "sibling", "2151990099", ("primary",)),
    ("sibling_group", "青石数学教研组", "group", "group", "sibling_school", None, ()),
    ("moved", "锦霖区石桥小学", "school", "primary", "district", "2151990077", ("primary",)),
    ("moved_group", "石桥综合教研组", "group", "group", "moved", None, ()),
)

# key, name, gender, unit, subject, stage, roles (role, unit key)
CAST = (
    ("teacher", "林晓岚", "f", "maths", "数学", "junior", ()),
    ("colleague", "陈亦舟", "m", "maths", "数学", "junior", ()),
    ("leader", "曾国强", "m", "maths", "数学", "primary", (("group-leader", "maths"),)),
    ("chinese_teacher_1", "单雪梅", "f", "chinese", "语文", "primary", ()),
    ("chinese_teacher_2", "阿依·古丽", "f", "chinese", "语文", "junior", ()),
    ("loner", "顾长青", "m", "nine_year", "音乐", "primary", ()),
    ("retired", "何云", "f", "chinese", "语文", "primary", ()),
    ("unplaced", "田雨", "m", "chinese", "语文", "junior", ()),
    ("cio", "沈一鸣", "m", "chinese", "信息科技", "junior", (("cio", "nine_year"),)),
    ("principal", "欧阳静", "f", "nine_year", "道德与法治", "junior", (("principal", "nine_year"),)),
    ("panel_1", "高宁", "m", "computing", "计算机应用", "vocational", (("panel-member", "nine_year"),)),
    ("panel_2", "杜静婷", "f", "mechanics", "机电技术", "vocational", (("panel-member", "nine_year"),)),
    ("panel_3", "钟怡", "f", "mechanics", "机电技术", "vocational", (("panel-member", "nine_year"),)),
    ("office", "白若溪", "f", "district", "", "", (("office", "district"),)),
    ("auditor", "严慎之", "m", "district", "", "", (("auditor", "district"),)),
    ("kindergarten_teacher_1", "蔡婷宇", "f", "play", "学前综合", "preschool", ()),
    ("kindergarten_teacher_2", "朱兰超", "f", "play", "学前综合", "preschool", ()),
    ("kindergarten_cio", "肖力娟", "f", "play", "学前综合", "preschool", (("cio", "kindergarten"),)),
    ("vocational_teacher_1", "周波建", "m", "computing", "计算机应用", "vocational", ()),
    ("vocational_teacher_2", "刘雨欣", "f", "mechanics", "机电技术", "vocational", ()),
    ("two_posts", "冯欣明", "m", "computing", "计算机应用", "vocational", ()),
    ("wu", "吴无名", "m", "sibling_group", "数学", "primary", tuple(
        (role, unit) for role, unit in (
            ("cio", "sibling_school"), ("principal", "sibling_school"), ("group-leader", "sibling_group"),
            ("panel-member", "sibling_school"), ("office", "sibling"), ("auditor", "sibling"),
        )
    )),
    ("sibling_teacher", "石磊", "m", "sibling_group", "数学", "primary", ()),
    ("moved_teacher", "江远", "m", "moved_group", "科学", "primary", ()),
)  # fmt: skip


@dataclass
class World:
    """Ids of the units by key as attributes, and the cast."""

    units: dict[str, int]
    people: dict[str, Member]
    added: int = field(default=0)

    def __getattr__(self, key: str):
        if key.startswith("_"):
            raise AttributeError(key)
        for found in (self.units, self.people):
            if key in found:
                return found[key]
        raise AttributeError(key)

    def _numbered(self, key: str) -> tuple[Member, ...]:
        return tuple(member for name, member in self.people.items() if name.startswith(f"{key}_"))

    @cached_property
    def everybody(self) -> tuple[Member, ...]:
        return tuple(self.people.values())

    @property
    def panel(self) -> tuple[Member, ...]:
        return self._numbered("panel")

    @property
    def chinese_teachers(self) -> tuple[Member, ...]:
        return self._numbered("chinese_teacher")

    @property
    def kindergarten_teachers(self) -> tuple[Member, ...]:
        return self._numbered("kindergarten_teacher")

    @property
    def vocational_teachers(self) -> tuple[Member, ...]:
        return self._numbered("vocational_teacher")

    @property
    def schools(self) -> tuple[int, int, int]:
        return self.units["kindergarten"], self.units["nine_year"], self.units["vocational"]

    @property
    def provider(self) -> Actor:
        """The platform `qingyun`: delivers records through the API, holds nothing else."""
        return Actor(door="rest", sources=frozenset({PROVIDER}), source_permissions=SOURCE)

    def member(self, person: int) -> Member:
        return next(member for member in self.people.values() if member.person == person)

    def enter(self, name: str, unit: int, *, key: str = "", since: date = SINCE, **post) -> Member:
        """One more teacher with a home post at `unit` (a group or a school) and an account."""
        self.added += 1
        member = _enter(key or f"added_{self.added}", name, "f", unit, post, since, number=500 + self.added)
        self.people[member.key] = member
        self.__dict__.pop("everybody", None)
        return member

    def grant(self, person: int, role: str, unit: int) -> Grant:
        """A role from SINCE on."""
        return Grant.objects.create(person_id=person, role=role, unit_id=unit, starts_on=SINCE)


_standing: World | None = None


def build_world() -> World:
    """Write the world into an empty database."""
    units = _found_units()
    people = {}
    for place, (key, name, gender, unit, subject, stage, roles) in enumerate(CAST):
        post = {"subject": subject, "stage": stage}
        if key == "retired":
            post["in_post"] = "retired"
        until = date(2026, 1, 1) if key == "unplaced" else None
        people[key] = _enter(key, name, gender, units[unit], post, SINCE, number=place, until=until)
        for role, where in roles:
            Grant.objects.create(person_id=people[key].person, role=role, unit_id=units[where], starts_on=SINCE)
    Posting.objects.create(
        person_id=people["two_posts"].person, unit_id=units["maths"], school_id=units["nine_year"], during=since(SINCE),
        home=False, establishment="seconded-in", stage="junior", subject="数学", staff_number="10020", known_at=KNOWN,
    )  # fmt: skip
    Provider.objects.create(code=PROVIDER, name="青云研修平台", owner_id=units["district"], created_at=KNOWN)
    return World(units, people)


def stand_world() -> World:
    """The world of this process's database, built first: it stands again after every test (tests/standing.py)."""
    global _standing
    if _standing is None:
        _standing = build_world()
    return World(dict(_standing.units), dict(_standing.people))


def id_number(place: int) -> str:
    """An invented identity number (area 5199xx does not exist) with a right check character."""
    body = f"519901{1970 + place % 30}0{1 + place % 9}1{place % 10}{place % 1000:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def _found_units() -> dict[str, int]:
    units: dict[str, int] = {}
    for place, (key, name, level, kind, parent, code, stages) in enumerate(UNITS):
        unit = Unit.objects.create(
            code=code, official_code=code, name=name, level=level, kind=kind, stages=list(stages), place=place
        )
        units[key] = unit.pk
        UnitName.objects.create(unit=unit, name=name, during=since(None))
        if parent:
            until = MOVED_ON if key == "moved" else None
            Edge.objects.create(child=unit, parent_id=units[parent], during=since(None, until))
    Edge.objects.create(child_id=units["moved"], parent_id=units["sibling"], during=since(MOVED_ON))
    rebuild_closure(units["province"])
    for unit in units.values():
        rebuild_closure(unit)
    return units


def _enter(key, name, gender, unit, post, on, *, number, until=None) -> Member:
    school = unit
    level = Unit.objects.values_list("level", flat=True).get(pk=unit)
    if level == "group":
        school = Edge.objects.filter(child=unit).values_list("parent", flat=True).get()
    person = Person.objects.create(
        name=name, name_order=name_order(name), name_index=name_index(name), gender=gender, birth_date=date(1985, 5, 15),
        phone=f"1990000{number:04}", mail=f"{key}@example.invalid".replace("_", "-"), licence=True, created_at=KNOWN,
    )  # fmt: skip
    text = id_number(number)
    ExternalIdentifier.objects.create(
        person=person,
        type="id-card",
        cipher=encrypt(text.encode()),
        digest=digest_of("id-card", text),
        key_version=key_version(),
    )
    facts = {"establishment": "established", "staff_number": f"{number:05}", "post": "教师"} | post
    Posting.objects.create(
        person=person, unit_id=unit, school_id=school, during=since(on, until), entered_on=on, known_at=KNOWN, **facts
    )
    account = Account(person=person, name=key, activated_at=KNOWN, password_set_at=KNOWN, created_at=KNOWN)
    account.set_password(PASSWORD)
    account.save()
    return Member(key, name, person.pk, account.pk, unit, school, text)
