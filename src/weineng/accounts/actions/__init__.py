"""What can be done with accounts, roles, delegations, second factors and keys; one file per noun."""

from weineng.accounts.actions.accounts import (
    close_account,
    end_other_sessions,
    end_session,
    forget_expired,
    note_failure,
    note_sign_in,
    note_sign_out,
    open_accounts,
    reopen_account,
    set_language,
    unlock_account,
)
from weineng.accounts.actions.codes import ask_for_code, issue_codes, mail_codes
from weineng.accounts.actions.delegations import delegate, revoke_delegation
from weineng.accounts.actions.erasing import erase_from_accounts
from weineng.accounts.actions.factors import (
    confirm_second_factor,
    enrol_second_factor,
    pass_second_factor,
    remove_second_factor,
    renew_recovery_codes,
    reset_second_factor,
)
from weineng.accounts.actions.grants import end_grant, grant_role
from weineng.accounts.actions.joining import join_accounts
from weineng.accounts.actions.keys import issue_access_token, issue_office_key, note_key_use, revoke_api_key
from weineng.accounts.actions.passwords import activate, set_password

__all__ = [
    "activate",
    "ask_for_code",
    "close_account",
    "confirm_second_factor",
    "delegate",
    "end_grant",
    "end_other_sessions",
    "end_session",
    "enrol_second_factor",
    "erase_from_accounts",
    "forget_expired",
    "grant_role",
    "issue_access_token",
    "issue_codes",
    "issue_office_key",
    "join_accounts",
    "mail_codes",
    "note_failure",
    "note_key_use",
    "note_sign_in",
    "note_sign_out",
    "open_accounts",
    "pass_second_factor",
    "remove_second_factor",
    "renew_recovery_codes",
    "reopen_account",
    "reset_second_factor",
    "revoke_api_key",
    "revoke_delegation",
    "set_language",
    "set_password",
    "unlock_account",
]
