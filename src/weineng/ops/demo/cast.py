"""The invented district: its units, about sixty people, and how diligent each of them is. The same in every run."""

import csv
import io
import random
from dataclasses import dataclass

SEED = 20260105
DISTRICT = "519901"
UNITS = """\
code,name,level,kind,parent,stages
519000,岷岭省,province,area,,
519900,澄州市,city,area,519000,
519901,锦霖区,county,area,519900,
1151990011,锦霖区第一幼儿园,school,kindergarten,519901,preschool
3151990032,锦霖区白石镇九年一贯制学校,school,nine-year,519901,primary junior
3651990051,锦霖区职业教育中心,school,vocational,519901,vocational
"""
KINDERGARTEN, NINE_YEAR, VOCATIONAL = "锦霖区第一幼儿园", "锦霖区白石镇九年一贯制学校", "锦霖区职业教育中心"
CODES = {KINDERGARTEN: "1151990011", NINE_YEAR: "3151990032", VOCATIONAL: "3651990051"}
BATCHES = {KINDERGARTEN: "first-batch", NINE_YEAR: "pilot", VOCATIONAL: "first-batch"}
OFFICE, SECOND_OFFICE, AUDITOR = "白若溪", "廖以宁", "严慎之"

# school -> groups: name, stage, subject, how many people
GROUPS: dict[str, tuple[tuple[str, str, str, int], ...]] = {
    KINDERGARTEN: (("小中班教研组", "幼儿园", "学前综合", 7), ("大班教研组", "幼儿园", "学前综合", 7)),
    NINE_YEAR: (
        ("语文教研组", "小学", "语文", 8),
        ("数学教研组", "初中", "数学", 8),
        ("综合教研组", "初中", "科学", 7),
    ),
    VOCATIONAL: (("计算机教研组", "中职", "计算机应用", 9), ("机电教研组", "中职", "机电技术", 8)),
}
POINTS = {
    KINDERGARTEN: ("A4", "A13", "A3"),
    NINE_YEAR: ("A4", "B1", "A3"),
    VOCATIONAL: ("A4", "A13", "C6"),
}
DIMENSIONS = {
    KINDERGARTEN: ("teaching-design", "academic-assessment"),
    NINE_YEAR: ("learner-analysis", "teaching-design"),
    VOCATIONAL: ("teaching-design", "academic-assessment"),
}
SURNAMES = "林陈曾单顾何田沈高杜钟蔡朱肖周刘冯江石章许宋韩唐丁魏叶余潘袁于董萧程曹邓傅吕苏卢蒋贾夏邹熊孟秦阎薛侯雷龙段郝孔邵史毛常万"
FIRST = "晓亦国雪长云雨一静宁若婷兰力波欣明远以子思文海春秋嘉景书书立"
SECOND = "岚舟强梅青溪然鸣怡宇超娟建欣辰柔洋宁霖川月松竹琪航敏哲雯颖"
HEADINGS = (
    "姓名", "性别", "证件类型", "证件号码", "手机号", "学校代码", "学校名称", "教研组", "学段", "任教学科", "岗位", "编制", "在岗状态",
    "是否持教师资格证", "工号", "到岗日期",
)  # fmt: skip
# What somebody has done by the end of November: about a fifth everything, the others every state in between.
WAYS = (
    "all", "nearly", "half", "slow", "all", "few-hours", "slow", "all", "no-recording", "few-hours", "all", "nothing",
    "nearly", "slow", "half", "late", "late", "nothing",
)  # fmt: skip
FINISH = ("all", "no-recording", "nearly")  # go on to a second point in September
BEGAN = (*FINISH, "half", "late")  # hand in a first point in May


@dataclass(frozen=True)
class Teacher:
    """Somebody of the roster. `role`: cio, principal, group-leader or ''; `way`: how far they come this year."""

    name: str
    gender: str
    number: str
    school: str
    group: str
    stage: str
    subject: str
    staff_number: str
    role: str
    panel: bool
    way: str
    place: int


def id_number(place: int) -> str:
    """An invented identity number (the area 5199xx does not exist) with a right check character."""
    body = f"519901{1968 + place % 30}0{1 + place % 9}1{place % 10}{place % 1000:03}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def _fresh_name(dice: random.Random, taken: set[str]) -> str:
    while (name := dice.choice(SURNAMES) + dice.choice(FIRST) + dice.choice(("", *SECOND))) in taken:
        pass
    taken.add(name)
    return name


def teachers() -> list[Teacher]:
    """Everybody of the three schools, in the order of the roster."""
    dice = random.Random(SEED)  # noqa: S311 (names, not secrets)
    names, found = set[str](), list[Teacher]()
    for school, groups in GROUPS.items():
        first_of_school = len(found)
        for group, stage, subject, count in groups:
            for number in range(count):
                place = len(found)
                in_school = place - first_of_school
                role = "group-leader" if number == 0 else ""
                role = {1: "cio", 2: "principal"}.get(in_school, role)
                name = _fresh_name(dice, names)
                found.append(
                    Teacher(
                        name,
                        "女" if dice.random() < 0.62 else "男",
                        id_number(place + 1),
                        school,
                        group,
                        stage,
                        subject,
                        f"{10001 + place}",
                        role,
                        number in (3, 4),
                        WAYS[place % len(WAYS)],
                        place,
                    )
                )
    return found


def roster(people: list[Teacher]) -> str:
    """The roster as the office's spreadsheet, in csv."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(HEADINGS)
    for one in people:
        who = (one.name, one.gender, "居民身份证", one.number, f"1990000{one.place:04}")
        where = (CODES[one.school], one.school, one.group, one.stage, one.subject)
        sheet.writerow([*who, *where, "教师", "在编", "在岗", "是", one.staff_number, f"20{10 + one.place % 14}-09-01"])
    return out.getvalue()
