"""All roles on one page: who may do what, with a sentence for the person who grants it.

Codes are strings since this page stands below most modules; a house rule checks that every code exists and that every
permission belongs to a role.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Role:
    """A role: held at a unit of one of `levels`; `strong` roles ask for a second factor at sign-in.

    `gives` are the roles its holder may give and end at the same unit and below: listed, not computed, because an office
    appoints CIOs without writing school plans itself. A role `from_above` is given only from a unit above: nobody
    appoints who audits them.
    """

    code: str
    title: object
    says: object
    levels: tuple[str, ...]
    permissions: frozenset[str]
    strong: bool = False
    gives: frozenset[str] = frozenset()
    from_above: bool = False

    @property
    def codes(self) -> frozenset[str]:
        """All that a holder carries at the unit: the permissions, and `accounts.give_<role>` for each role in `gives`."""
        return self.permissions | {f"accounts.give_{role}" for role in self.gives}

    @property
    def lent_codes(self) -> frozenset[str]:
        """What a deputy carries: the same, except that they give no strong role, which would outlive what was lent."""
        return self.codes - {f"accounts.give_{role}" for role in self.gives if ROLES[role].strong}


# What everybody holds for themselves, and for dossiers given to them.
OWN = frozenset({
    "accounts.delegate", "notices.read_own", "files.upload", "organisations.view_people", "activities.view", "activities.sign_in",
    "programmes.view", "planning.view", "planning.choose", "learning.view", "evidence.submit", "evidence.view",
    "assessment.view_results", "progress.view", "certification.view", "audit.follow",
})  # fmt: skip
ASSIGNED = frozenset({"evidence.view", "assessment.review"})
# What a deputy keeps of their own while they act for somebody else.
DEPUTY = frozenset({"notices.read_own", "files.upload"})
SOURCE = frozenset(
    {
        "learning.deliver",
        "learning.view",
        "statements.keep_profile",
        "statements.keep_state",
        "statements.read",
        "statements.write",
    }
)

_READ_UNIT = frozenset({
    "organisations.view_unit", "organisations.view_people", "programmes.view", "planning.view", "activities.view", "progress.view",
    "insight.view",
})  # fmt: skip
_READ_WORK = _READ_UNIT | {"learning.view", "assessment.view_results", "certification.view"}

ROLES: Mapping[str, Role] = {
    role.code: role
    for role in (
        Role(
            "group-leader", _("Group leader"), _("Leads a teaching group: its plan, its sessions, who is stuck."), ("group",),
            _READ_UNIT | {"planning.write_group_plan", "planning.agree", "activities.hold"},
        ),
        Role(
            "panel-member", _("Panel member"), _("Rates dossiers of this school that are assigned to them."), ("school", "county"),
            frozenset({"programmes.view", "planning.view"}),
        ),
        Role(
            "backbone", _("Backbone teacher"), _("Reviews dossiers of this school again before they are decided."), ("school",),
            frozenset({"programmes.view", "planning.view"}),
        ),
        Role(
            "training-team", _("Member of the training team"),
            _("Guides the schools of this part of the tree and rates dossiers where a programme or a school asks the team to."),
            ("zone", "county", "city", "province"), frozenset({"programmes.view", "assessment.accept"}),
        ),
        Role(
            "expert", _("Expert"), _("Confirms, checks or accepts results of this part of the tree where a programme asks for it."),
            ("zone", "county", "city", "province"), frozenset({"programmes.view", "assessment.accept"}),
        ),
        Role(
            "cio", _("School CIO"), _("Runs the programme in the school: plan, roster, sessions, slips."), ("school",),
            _READ_WORK | {
                "planning.write_school_plan", "planning.write_group_plan", "planning.agree", "activities.hold", "activities.void",
                "organisations.edit_people", "organisations.import_roster", "organisations.export_people",
                "accounts.manage", "accounts.grant", "progress.export", "programmes.enrol", "assessment.reassign",
                "assessment.ask_acceptance", "assessment.arrange",
            },
            strong=True, gives=frozenset({"group-leader", "panel-member", "backbone"}),
        ),
        Role(
            "principal", _("Principal"), _("Answers for the school: sees everything of it, lets others act."), ("school",),
            _READ_WORK | {
                "accounts.manage", "accounts.grant", "progress.export", "planning.write_school_plan", "assessment.ask_acceptance",
                "assessment.arrange",
            },
            strong=True, gives=frozenset({"cio", "group-leader", "panel-member", "backbone"}),
        ),
        Role(
            "office", _("Project office"), _("Runs the programme in this part of the tree."), ("county", "city", "province"),
            _READ_WORK | {
                "organisations.edit_units", "organisations.edit_people", "organisations.import_roster", "organisations.export_people",
                "organisations.reveal_identity", "organisations.merge_people", "organisations.erase_people",
                "accounts.manage", "accounts.grant", "accounts.manage_keys",
                "standards.load", "programmes.publish", "programmes.enrol", "programmes.exempt", "planning.review_school_plan",
                "learning.import", "learning.decide", "learning.void", "learning.manage_providers", "activities.void", "evidence.view",
                "assessment.reassign", "assessment.overturn", "assessment.import", "assessment.sample", "assessment.approve_mode",
                "progress.export", "certification.revoke", "statements.read",
                "audit.follow",
            },
            strong=True, gives=frozenset({
                "office", "auditor", "principal", "cio", "group-leader", "panel-member", "backbone", "training-team", "expert",
            }),
        ),
        Role(
            "auditor", _("Auditor"), _("Reads the log and every figure; changes nothing."), ("county", "city", "province"),
            _READ_WORK | {"audit.read"},
            strong=True, from_above=True,
        ),
    )
}  # fmt: skip
