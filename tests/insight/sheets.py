"""Rosters, hours and results of a few invented rows, as files; and acts that come in the middle of the worker's."""

import io
from contextlib import contextmanager
from threading import Thread

import openpyxl
import pytest
from django.db import connection

from tests.world import id_number
from weineng.insight.actions import _work
from weineng.insight.sheets import unpack_sheet
from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused

LOOP = platform("take")
HEAD = "姓名,证件号码,学校名称,教研组,工号"
SCHOOL = "锦霖区白石镇九年一贯制学校"


def row(number, name="", school=SCHOOL, group="数学教研组", card=""):
    """A row of a roster about somebody new."""
    return f"{name or f'新人{number}'},{card or id_number(600 + number)},{school},{group},N{number}"


def sheet_of(*rows):
    return "\n".join([HEAD, *rows]).encode()


def hours_of(*members):
    """A sheet with an hour of each of them."""
    rows = (f"h{n},{one.name},{one.number},网络研修,c{n},2026-03-0{n + 1},60" for n, one in enumerate(members))
    return "\n".join(["记录编号,姓名,证件号码,学习方式,课程代码,日期,分钟", *rows]).encode()


def results_of(*members):
    """A sheet with a passed point of each of them."""
    rows = (f"{one.name},{one.number},A1,合格,2026-05-01" for one in members)
    return "\n".join(["姓名,证件号码,能力点,等级,认定日期", *rows]).encode()


def counts(intake):
    intake.refresh_from_db()
    return unpack_sheet(intake.reading).counts


def refusal_of(call, **words):
    with pytest.raises(Refused) as refusal:
        call(**words)
    return refusal.value.code


def beside(act):
    """Do something on a connection of its own, and wait for it."""

    def run():
        act()
        connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()


def in_the_middle(monkeypatch, act):
    """Let the worker do `act` when it tells for the first time how far it is, and go on telling."""
    monkeypatch.setattr(_work, "_TOLD_EVERY", 0)
    real, first = _work._telling, [True]

    @contextmanager
    def telling(row, *, reads):
        with real(row, reads=reads) as told:

            def hear(done, of):
                told(done, of)
                if first.pop() if first else False:
                    act()
                    told(done, of)

            yield hear

    monkeypatch.setattr(_work, "_telling", telling)


def killed():
    """As a process that ends."""
    raise SystemExit


def cells(data):
    """The values of a workbook's first sheet, row by row."""
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]
