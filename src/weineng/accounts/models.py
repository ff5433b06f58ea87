"""Sign-in, roles at places for a time, delegation, and the keys of machines."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q

from weineng.accounts.rules import OFFICE_SCOPES, PLATFORM_SCOPES, READ_ALL
from weineng.organisations.models import Person, Unit


class AccountManager(BaseUserManager["Account"]):
    """Finds an account by its sign-in name (required by Django's authentication)."""

    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(name=(username or "").strip().lower())


class Account(AbstractBaseUser):
    """How a person signs in. Made with an unusable password; activated with a code on paper or by mail."""

    personal: ClassVar = frozenset({"name", "password", "past_passwords"})
    retention: ClassVar = "closed when the last posting ends; erased with the person"
    whose: ClassVar = ("person",)

    person = models.OneToOneField(Person, models.PROTECT, related_name="account")
    name = models.CharField(max_length=80, unique=True)  # the sign-in name: short, readable, never an identity number
    language = models.CharField(max_length=8, default="zh-hans")
    is_active = models.BooleanField(default=True)
    # Closed since its person, of several records, signs in with that other account; opened again where they are parted.
    yields_to = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)
    password_set_at = models.DateTimeField(null=True)
    past_passwords = ArrayField(
        models.CharField(max_length=160), default=list
    )  # hashes: the last five may not come back
    failures = models.SmallIntegerField(default=0)  # in a row, none of them longer ago than a lock lasts
    failed_at = models.DateTimeField(null=True)
    locked_until = models.DateTimeField(null=True)
    code_wanted_at = models.DateTimeField(null=True)  # a code is to be mailed; the worker makes and sends it
    created_at = models.DateTimeField()

    USERNAME_FIELD = "name"
    objects = AccountManager()

    class Meta:
        indexes = (
            # Which codes are to be mailed? Empty but for moments.
            models.Index(
                fields=("code_wanted_at",), condition=Q(code_wanted_at__isnull=False), name="account_wants_code"
            ),
        )


class BrowserSession(AbstractBaseSession):
    """A browser in which somebody is signed in: what the person sees and ends on the page of their account."""

    personal: ClassVar = frozenset({"session_data", "agent"})
    retention: ClassVar = "deleted within a day after it expired"
    whose: ClassVar = ("account__person",)

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="sessions")  # null: not signed in
    agent = models.CharField(max_length=60, default="")  # browser and system, in short
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)


class Factor(models.Model):
    """A second factor: the secret that a telephone shares with us (TOTP). At most one counts, one waits to be confirmed."""

    personal: ClassVar = frozenset({"secret_cipher"})
    retention: ClassVar = "deleted when it is replaced or removed"
    whose: ClassVar = ("account__person",)

    account = models.ForeignKey(Account, models.CASCADE, related_name="factors")
    secret_cipher = models.BinaryField()
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)  # the 30-second step last used: a code counts once

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account",), condition=Q(confirmed_at__isnull=False), name="factor_one_counts"
            ),
            models.UniqueConstraint(
                fields=("account",), condition=Q(confirmed_at__isnull=True), name="factor_one_waits"
            ),
        )


class RecoveryCode(models.Model):
    """Opens once where the telephone is lost; shown once, stored as a keyed hash."""

    personal: ClassVar = frozenset({"digest"})
    retention: ClassVar = "deleted with the factor"
    whose: ClassVar = ("account__person",)

    account = models.ForeignKey(Account, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)


class ActivationCode(models.Model):
    """A one-time code, printed on a slip or mailed; valid 14 days; a reprint revokes the one before."""

    personal: ClassVar = frozenset({"digest"})
    retention: ClassVar = "ninety days after it expired"
    whose: ClassVar = ("account__person",)

    account = models.ForeignKey(Account, models.CASCADE, related_name="codes")
    digest = models.CharField(max_length=64, unique=True)
    channel = models.CharField(max_length=8)  # slip or mail
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account",),
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
                name="activation_one_live_code",
            ),
        )


class Grant(models.Model):
    """A role at a unit for a time: the post behind what somebody may do."""

    personal: ClassVar = frozenset({"reason"})
    retention: ClassVar = "ten years: the log names grants"
    whose: ClassVar = ("person",)

    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=32)  # a key of accounts.roles.ROLES
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)  # first day without it
    given_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="grant_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=("person", "role", "unit"), condition=Q(ends_on__isnull=True), name="grant_once"
            ),
        )
        indexes = (models.Index(fields=("unit", "role"), name="grant_by_unit"),)  # who is the CIO of this school?


class Delegation(models.Model):
    """`principal` lets `agent` act in one of their grants until a day; both names stand on every act."""

    personal: ClassVar = frozenset({"reason"})
    retention: ClassVar = "ten years"
    whose: ClassVar = ("principal", "agent")

    principal = models.ForeignKey(Person, models.PROTECT, related_name="delegations_given")
    agent = models.ForeignKey(Person, models.PROTECT, related_name="delegations_held")
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="delegations")
    starts_on = models.DateField()
    ends_on = models.DateField()  # first day without it; always set
    reason = models.CharField(max_length=200)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(principal=F("agent")), name="delegation_to_another"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="delegation_expires"),
        )


class ApiKey(models.Model):
    """A machine's key: of a training platform, or of an office's own system. Shown once, stored as a keyed hash, scoped,
    revocable."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "five years after it was revoked"

    provider = models.CharField(max_length=40)  # learning.Provider.code; '' for an office's own system
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="api_keys"
    )  # the office that issued it, and whose reach
    label = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)  # the readable part, to name the key on screen and in the log
    digest = models.CharField(max_length=64, unique=True)
    sandbox = models.BooleanField(default=False)  # it opens the sandbox of its platform, and nothing else
    scopes = ArrayField(models.CharField(max_length=32))  # of rules.PLATFORM_SCOPES or OFFICE_SCOPES
    created_at = models.DateTimeField()
    expires_on = models.DateField(null=True)
    delegation = models.ForeignKey(  # under which a deputy issued it; it ends with that
        Delegation, models.PROTECT, null=True, related_name="api_keys"
    )
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            # A platform's key never reads about a unit, an office's never delivers; what reads about people ends.
            models.CheckConstraint(
                condition=(~Q(provider="") & Q(scopes__contained_by=list(PLATFORM_SCOPES)))
                | Q(provider="", scopes__contained_by=list(OFFICE_SCOPES), expires_on__isnull=False),
                name="api_key_of_platform_or_office",
            ),
            models.CheckConstraint(
                condition=~Q(scopes__contains=[READ_ALL]) | Q(expires_on__isnull=False),
                name="api_key_that_reads_all_ends",
            ),
            # A sandbox is a platform's, and its key never reads what was said in earnest.
            models.CheckConstraint(
                condition=Q(sandbox=False) | (~Q(provider="") & ~Q(scopes__contains=[READ_ALL])),
                name="api_key_of_sandbox",
            ),
        )


class AccessToken(models.Model):
    """What a program shows instead of its key for an hour (OAuth 2, client credentials). It ends with the key."""

    personal: ClassVar = frozenset[str]()
    retention: ClassVar = "deleted within an hour after it expired"

    key = models.ForeignKey(ApiKey, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)  # a keyed hash
    scopes = ArrayField(models.CharField(max_length=32))  # of those of the key
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("expires_at",), name="access_token_over"),)  # which may be forgotten?
