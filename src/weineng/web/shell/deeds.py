"""Lines of the audit log as events of a timeline: what only machines care for (uploads begun, drafts saved) is left out."""

from collections.abc import Iterable, Mapping

from weineng.audit.models import Line
from weineng.audit.queries import reasons_of
from weineng.web.shell.verbs import VERBS

STATES: Mapping[str, str] = {
    "planning.choose": "done",
    "planning.diagnose": "info",
    "evidence.draft": "draft",
    "evidence.seal": "waiting",
    "evidence.withdraw": "closed",
    "assessment.open": "waiting",
    "assessment.finish": "done",
    "assessment.reopen": "back",
    "assessment.return": "returned",
    "assessment.overturn": "refused",
    "assessment.reassign": "info",
    "assessment.import": "done",
    "learning.accept": "info",
    "learning.void": "refused",
    "learning.restore": "done",
    "learning.decide": "info",
    "activities.close": "done",
    "activities.reopen": "info",
    "activities.strike": "refused",
    "activities.void": "refused",
    "activities.restore": "done",
    "programmes.enrol": "info",
    "programmes.grant_exemption": "closed",
    "programmes.end_exemption": "info",
    "certification.issue": "done",
    "certification.revoke": "refused",
}


def told(lines: Iterable[Line]) -> list[dict[str, object]]:
    """Events in the order given; the words are the log's."""
    shown = [line for line in lines if line.verb in STATES]
    reasons = reasons_of(shown)
    return [
        {"at": line.at, "state": STATES[line.verb], "text": VERBS.get(line.verb, line.verb), "more": reasons[line.pk]}
        for line in shown
    ]
