"""Play eleven months of an invented district, then serve it: a platform to click through, with data of its own."""

import signal
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from weineng.ops.checks import OTHER_VERSION
from weineng.ops.demo import autumn, spring, winter
from weineng.ops.demo.launcher import Installation, Stopped
from weineng.ops.demo.visitor import Unexpected
from weineng.ops.demo.year import play

SCENES = (*winter.SCENES, *spring.SCENES, *autumn.SCENES)
THROW_AWAY = "These data are invented: `weineng demo --reset` throws them away."
ENDS = (signal.SIGINT, signal.SIGTERM)


def _interrupted(_signum: int, _frame: object) -> None:
    """The first signal ends us; a second one that follows at once must not leave a database behind."""
    _deaf()
    raise KeyboardInterrupt


def _deaf() -> None:
    for signum in ENDS:
        signal.signal(signum, signal.SIG_IGN)


class Command(BaseCommand):
    help = "A demonstration with invented people. Its data lie in var/demo and are kept; --reset throws them away."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--reset", action="store_true", help="throw the demonstration's data away, and end")
        parser.add_argument(
            "--go-on", action="store_true", help="go on with a year that was stopped, at its next scene"
        )
        parser.add_argument("--play-only", action="store_true", help="end when the year has been played")

    def handle(self, *args, port: int, reset: bool, go_on: bool, play_only: bool, **options) -> None:
        place = Installation(Path(settings.DATA), port, self.say)
        if reset:
            self.say("The demonstration's data are gone." if place.remove() else "There were none.")
            return
        for signum in ENDS:  # a shell may have started us deaf to Ctrl-C
            signal.signal(signum, _interrupted)
        try:
            self._run(place, go_on=go_on, play_only=play_only)
        except KeyboardInterrupt:
            self.say("\nStopping web, worker and database …")
        except (Stopped, Unexpected) as error:
            told = THROW_AWAY if getattr(error, "code", 0) == OTHER_VERSION else ""
            raise CommandError(f"{error}{told}") from error
        finally:
            _deaf()
            place.stop()
        self.say("Stopped. The data are kept.")

    def _run(self, place: Installation, *, go_on: bool, play_only: bool) -> None:
        began = time.monotonic()
        if place.note.exists() and not place.remembered().get("played") and not go_on:
            self.say("The last run was stopped before the year was over; beginning anew.")
            place.remove()
        self.say("Starting the database …")
        place.prepare()
        if place.remembered().get("scenes"):
            place.serve()
        if not place.remembered().get("played"):
            self.say("Eleven months of an invented district, played over HTTP:")
            play(place, SCENES)
            place.remember(played=True)
        self.say(f"Ready after {time.monotonic() - began:.0f} s.\n")
        self._tell(place)
        while not play_only:
            time.sleep(1)
            place.check()

    def _tell(self, place: Installation) -> None:
        self.say(f"  {place.address}/sign-in/    one click signs in as:")
        for row in place.remembered().get("accounts", ()):
            self.say(f"    {row['account']:<14} {row['name']}  {row['says']['en']}")
        self.say("\n  These people are invented. Ctrl-C stops web, worker and database; the data are kept.")

    def say(self, text: str) -> None:
        with suppress(BrokenPipeError):
            self.stdout.write(text)
            self.stdout.flush()
