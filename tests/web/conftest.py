"""Somebody of the world visits pages."""

import pytest

from weineng.accounts.models import Grant


@pytest.fixture
def visitor(client, sign_in, world):
    """`visitor(member, url, data, role)`: the answer to a member in that role ('' for oneself); with data it is a form."""

    def go(member, url, data=None, role=""):
        post = f"grant:{Grant.objects.get(person=member.person, role=role).pk}" if role else ""
        sign_in(client, member, post)
        return client.post(url, data) if data is not None else client.get(url)

    return go
