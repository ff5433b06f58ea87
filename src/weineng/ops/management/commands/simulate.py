"""`weineng simulate --teachers N --seed S`: a synthetic province in an empty database, counted and ready to be looked at."""

import time

from django.core.management.base import CommandError, CommandParser

from weineng.kernel.actors import platform
from weineng.kernel.refusals import Refused
from weineng.ops.commands import DataCommand
from weineng.ops.simulated import fill, is_empty
from weineng.ops.simulated.names import words
from weineng.programmes.actions import publish_programme, start_programme
from weineng.programmes.models import Version
from weineng.programmes.queries import PLANS
from weineng.progress.actions import recount_everything
from weineng.standards.actions import load_edition
from weineng.standards.rules import EDITIONS

BY = platform("ops")
MOST = 5_000_000


class Command(DataCommand):
    help = "Fill an empty database with a synthetic province: the same teachers and seed, the same province."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--teachers", type=int, default=10_000, help="how many (a million: 20,000 schools, 120 counties)"
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--programme", default="p4-district", help="code of a plan that comes along (default: p4-district)"
        )
        parser.add_argument("--uncounted", action="store_true", help="do not count; the worker will")

    def handle(self, *args, teachers: int, seed: int, programme: str, uncounted: bool, **options) -> None:
        if not 1 <= teachers <= MOST:
            raise CommandError(f"--teachers {teachers}: from 1 to {MOST:,}", returncode=2)
        if not 0 <= seed < 2**31:
            raise CommandError(f"--seed {seed}: from 0 to {2**31 - 1:,}", returncode=2)
        plan = PLANS / f"{programme}.yaml"
        if not plan.exists():
            there = ", ".join(sorted(place.stem for place in PLANS.glob("p[0-9]-*.yaml")))
            raise CommandError(f"--programme {programme}: there is none; there is {there}", returncode=2)
        if not is_empty():
            raise CommandError(
                "this database has units, people or programmes; a synthetic province is never mixed with them"
                " (give an empty one by WEINENG_DATA or DATABASE_URL)"
            )

        def publish(owner: int) -> Version:
            version = publish_programme(
                by=BY, source=plan.read_text(encoding="utf-8"), owner=owner, file=plan.name
            ).version
            start_programme(by=BY, programme=version.programme_id, confirm_assumptions=True)
            return version

        began = time.perf_counter()

        def tell(what: str) -> None:
            self.stdout.write(f"{time.perf_counter() - began:7.1f} s  {what}")
            self.stdout.flush()

        try:
            for folder in sorted(place for place in EDITIONS.iterdir() if place.is_dir()):
                load_edition(by=BY, folder=folder)
            made = fill(teachers, seed, publish, tell)
        except Refused as refusal:
            raise CommandError(f"{refusal.code}: {refusal}") from refusal
        if not uncounted:
            tell(f"counted: {recount_everything(by=BY, programme=made.programme).enrolments:,}")
        size = made.size
        tell(
            f"ready: {size.teachers:,} teachers in {size.schools:,} schools (counties: {size.counties:,}, cities: {size.cities:,})"
        )
        self.stdout.write(f"To look at it: ./weineng appoint {words()['office']} --unit 519000, then ./weineng serve")
