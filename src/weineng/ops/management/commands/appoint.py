"""`weineng appoint NAME --unit CODE`: give the first person of an office their role and an activation code.

Everybody else is appointed by those people, on the pages. The same command again makes a new code for somebody who can
reach nobody else: the office's only member who forgot the password.
"""

from django.conf import settings
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext_noop

from weineng.accounts.actions import grant_role, issue_codes, open_accounts
from weineng.accounts.models import Account
from weineng.accounts.queries import roles_of
from weineng.accounts.roles import ROLES
from weineng.kernel.actors import platform
from weineng.kernel.clock import CIVIL
from weineng.kernel.refusals import Refused
from weineng.ops.commands import DataCommand
from weineng.organisations.actions import enter_person, found_unit
from weineng.organisations.models import Person, Unit
from weineng.organisations.queries import members_of
from weineng.organisations.reach import same_people
from weineng.organisations.rules import Post

BY = platform("ops")
APPOINTED = gettext_noop("appointed by command")  # the log says it in the reader's language


class Command(DataCommand):
    help = "Appoint the first person of an office and print the activation code."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the person's name; somebody of this name posted at the unit is meant")
        parser.add_argument("--unit", required=True, help="code of the unit, e.g. an area code")
        parser.add_argument("--role", default="office", choices=sorted(ROLES))
        parser.add_argument("--phone", default="")
        parser.add_argument("--mail", default="")
        parser.add_argument("--found", metavar="NAME", help="found the unit under this name, as a root of the tree")
        parser.add_argument("--level", default="province", help="level of the unit to found (default: province)")

    def handle(self, *args, name: str, unit: str, **options) -> None:
        try:
            with transaction.atomic():
                slip = self._appoint(name, self._unit(unit, options["found"], options["level"]), options)
        except Refused as refusal:
            raise CommandError(f"{refusal.code}: {refusal}") from refusal
        self.stdout.write(
            f"sign-in name  {slip.sign_in_name}\n"
            f"code          {slip.code}\n"
            f"good until    {slip.expires_at.astimezone(CIVIL):%Y-%m-%d %H:%M}\n"
            f"enter it at   {settings.SITE}/sign-in/code/"
        )

    def _unit(self, code: str, found: str | None, level: str) -> Unit:
        unit = Unit.objects.filter(code=code).first()
        if unit is None and found:
            return found_unit(by=BY, name=found, level=level, kind="area", code=code, official_code=code)
        if unit is None:
            raise CommandError(f"no unit has the code {code}; --found NAME founds it")
        return unit

    def _appoint(self, name, unit, options):
        person = self._person(name, unit, options)
        if not any(post.role.code == options["role"] and post.unit == unit.pk for post in roles_of(person.pk)):
            grant_role(by=BY, person=person.pk, role=options["role"], unit=unit.pk, reason=APPOINTED)
        open_accounts(by=BY, unit=unit.pk, people=[person.pk])
        account = Account.objects.filter(person__in=same_people([person.pk])).order_by("-is_active", "pk").first()
        if account is None:
            raise CommandError(f"{name} has no account")
        [slip] = issue_codes(by=BY, accounts=[account.pk])
        return slip

    def _person(self, name, unit, options) -> Person:
        found = list(members_of(unit.pk).filter(name=name, postings__unit=unit).distinct())
        if len(found) > 1:
            raise CommandError(f"{len(found)} people of this name are posted there; appoint on the pages")
        if found:
            return found[0]
        return enter_person(by=BY, name=name, post=Post(unit=unit.pk), phone=options["phone"], mail=options["mail"])
