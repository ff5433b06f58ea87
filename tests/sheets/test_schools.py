"""School names and codes: the order of the steps, and what is never a slip."""

import pytest

from weineng.sheets import SchoolRegister, Unit

A = Unit("1", "1151990011", "锦霖区第一中学", ("锦霖区城关中学",))
B = Unit("2", "1151990012", "锦霖区第三中学", ())
C = Unit("3", "1151990013", "锦霖区实验小学", ("锦霖区红星小学",))
D = Unit("519901T001", "", "禾丰乡石垭教学点", ("石垭村小学",))
OFFICE = Unit("9", "9", "锦霖区教育局", level="district")


@pytest.fixture
def register() -> SchoolRegister:
    return SchoolRegister([A, B, C, D, OFFICE])


@pytest.mark.parametrize(
    ("code", "name", "unit", "said"),
    [
        ("", "锦霖区第一中学", A, None),
        ("", " 锦霖区 第一中学\u3000", A, None),
        ("", "錦霖區第一中學", A, None),
        ("", "锦霖区城关中学", A, "school-guessed"),
        ("", "一中", A, "school-guessed"),
        ("", "石垭小学", D, "school-guessed"),
        ("", "锦林区实验小学", C, "school-guessed"),
        ("", "锦霖区实验小小学", C, "school-guessed"),
        ("", "锦霖区第二中学", None, "school-unknown"),
        ("", "锦霖区第七中学", None, "school-unknown"),
        ("", "中学", None, "school-ambiguous"),
        ("", "第中学", None, "school-ambiguous"),
        ("", "学", None, "school-unknown"),
        ("", "", None, "school-unknown"),
        ("", "锦霖区教育局", None, "school-unknown"),
        ("1151990011", "", A, None),
        ("1151990011", "锦霖区第一中学", A, None),
        ("1151990011", "中学", A, "school-name-differs"),
        ("1151990011", "锦霖区城关中学", A, "school-name-differs"),
        ("1151990011", "锦霖区第三中学", None, "school-ambiguous"),
        ("1151990011", "望江实验学校", None, "school-unknown"),
        ("1151999999", "锦霖区第一中学", None, "school-unknown"),
        ("1151999999", "", None, "school-unknown"),
        ("519901T001", "禾丰乡石垭教学点", D, None),
    ],
)
def test_the_school_a_row_means(
    register: SchoolRegister, code: str, name: str, unit: Unit | None, said: str | None
) -> None:
    match = register.match(code, name)
    assert (match.unit, match.error or match.warning) == (unit, said)


def test_an_error_names_the_schools_it_could_be(register: SchoolRegister) -> None:
    assert register.match("", "中学").candidates == (A, B)
    assert register.match("1151999999", "锦霖区第一中学").candidates == (A,)
    assert register.match("1151990013", "锦霖区第三中学").candidates == (C, B)


def test_two_schools_of_one_name_need_their_code() -> None:
    twins = SchoolRegister([Unit("1", "11", "中心小学"), Unit("2", "22", "中心小学")])
    assert twins.match("", "中心小学").error == "school-ambiguous"
    twin = twins.match("22", "中心小学")
    assert (twin.unit.unit_code if twin.unit else None, twin.warning) == ("2", None)
