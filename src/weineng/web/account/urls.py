"""Addresses of signing in, one's own account, and the accounts, roles and keys of a unit."""

from django.urls import path

from weineng.web.account import codes, factor, grants, keys, mine, signing_in, units

urlpatterns = [
    path("sign-in/", signing_in.enter_by_password, name="sign_in"),
    path("sign-in/demo", signing_in.enter_demonstration, name="demo"),
    path("sign-in/code/", codes.enter_by_code, name="code"),
    path("sign-in/forgotten/", codes.forgotten, name="forgotten"),
    path("sign-in/second-factor/", factor.ask_factor, name="factor"),
    path("sign-in/second-factor/new/", factor.set_up_factor, name="factor_new"),
    path("sign-out/", signing_in.leave, name="sign_out"),
    path("account/", mine.my_account, name="settings"),
    path("account/activated/", codes.activated, name="activated"),
    path("account/password/", mine.change_password, name="password"),
    path("account/second-factor/recovery/", factor.renew_recovery, name="renew_recovery"),
    path("account/second-factor/remove/", factor.remove_factor, name="remove_factor"),
    path("account/sessions/end/", mine.leave_session, name="leave_session"),
    path("account/sessions/end-others/", mine.leave_others, name="leave_others"),
    path("account/lend/<grant:grant>/", mine.lend, name="lend"),
    path("account/lent/<delegation:delegation>/end/", mine.end_lending, name="end_lending"),
    path("accounts/", units.people_here, name="people_here"),
    path("accounts/at/<unit:unit>/", units.people, name="people"),
    path("accounts/of/<account:account>/", units.account, name="account"),
    path("accounts/roles/", grants.roles_here, name="roles_here"),
    path("accounts/roles/at/<unit:unit>/", grants.roles, name="roles"),
    path("accounts/roles/at/<unit:unit>/give/", grants.give, name="give"),
    path("accounts/roles/<grant:grant>/end/", grants.end, name="end_role"),
    path("accounts/keys/", keys.keys, name="keys"),
    path("accounts/keys/new/", keys.issue, name="issue_key"),
    path("accounts/keys/new/office/", keys.issue_for_office, name="issue_office_key"),
    path("accounts/keys/<apikey:key>/revoke/", keys.revoke, name="revoke_key"),
]
