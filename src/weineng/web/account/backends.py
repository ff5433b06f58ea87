"""Django's way to find who signs in, with our rules."""

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from weineng.accounts.models import Account
from weineng.accounts.queries import account_by_password
from weineng.kernel.composed import Composed

_ACTIVE = Composed(lambda pk: Account.objects.select_related("person").filter(pk=pk, is_active=True), int)


class AccountBackend(BaseBackend):
    """Sign-in name and password; the person comes with the account, since every page needs both."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_more: object
    ) -> Account | None:
        return account_by_password(username, password) if username and password is not None else None

    def get_user(self, user_id: int) -> Account | None:
        return next(iter(_ACTIVE.rows(user_id)), None)
