"""The standard that comes with the platform: loaded once a run, there for every test."""

from weineng.audit.models import Line, Unsealed
from weineng.kernel.actors import platform
from weineng.standards.actions import load_edition
from weineng.standards.models import Edition
from weineng.standards.rules import EDITIONS

CODE = "ecnu-2019-unofficial"


def load_standard():
    """Load it unless it is there (a test that commits has emptied the tables)."""
    if not Edition.objects.filter(code=CODE).exists():
        load_edition(by=platform("test"), folder=EDITIONS / CODE)
        Unsealed.objects.all().delete()  # the log of a test begins with the test
        Line.objects.all().delete()
