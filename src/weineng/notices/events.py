"""Each event → who is told: one table. The acting module finds the people; this page says which and in which words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Event:
    """`told` says who is told; `text` is the sentence with `%(name)s` places filled from the message's params."""

    code: str
    told: object
    text: object
    urgent: bool = False  # mailed at once where mail is configured, not with the daily digest


EVENTS: Mapping[str, Event] = {
    event.code: event
    for event in (
        Event("enrolled", _("the teacher"), _("You take part in %(programme)s.")),
        Event("plan-submitted", _("the district office"), _("%(school)s has submitted its school plan.")),
        Event(
            "plan-returned",
            _("the school's CIO and principal"),
            _("The district returned the school plan: %(comment)s"),
            True,
        ),
        Event(
            "plan-approved",
            _("the school's CIO, principal and teachers"),
            _("The school plan is approved; points can be chosen now."),
        ),
        Event(
            "plan-reopened",
            _("the school's CIO and principal"),
            _("The district took its approval of the school plan back: %(reason)s"),
            True,
        ),
        Event(
            "plan-filed",
            _("the school's CIO and principal"),
            _("The school plan was filed under the number %(number)s."),
        ),
        Event(
            "plan-unfiled",
            _("the school's CIO and principal"),
            _("The district took the filing of the school plan (%(number)s) back: %(reason)s"),
        ),
        Event("group-plan-published", _("the group's members"), _("%(group)s has published its plan: %(theme)s.")),
        Event(
            "points-declared",
            _("who leads the teacher's group, else the school's CIO"),
            _("A teacher has declared points to be assessed; they wait for your answer."),
        ),
        Event(
            "declarations-agreed", _("the teacher"), _("Your group agreed that these points are assessed: %(points)s.")
        ),
        Event(
            "declarations-returned",
            _("the teacher"),
            _("Your group sent declared points back (%(points)s): %(advice)s"),
            True,
        ),
        Event(
            "task-done",
            _("who confirms the task: who leads the teacher's group, or the school's CIO"),
            _("A teacher has done a task of the handbook; it waits to be confirmed."),
        ),
        Event("tasks-confirmed", _("the teacher"), _("Confirmed: %(tasks)s.")),
        Event("tasks-returned", _("the teacher"), _("Sent back (%(tasks)s): %(advice)s"), True),
        Event("session-planned", _("the group's members"), _("Session “%(title)s” on %(on)s.")),
        Event("hours-arriving", _("the teacher"), _("%(source)s delivers records of your learning today.")),
        Event(
            "hours-withdrawn",
            _("the teacher"),
            _("%(count)s records of %(source)s were withdrawn: they are no longer agreed with the platform."),
        ),
        Event("hours-recorded", _("the teacher"), _("%(source)s delivered %(count)s records.")),
        Event("record-voided", _("the teacher"), _("A record of %(title)s was voided: %(reason)s")),
        Event("record-restored", _("the teacher"), _("A voided record of %(title)s stands again: %(reason)s")),
        Event(
            "overlap-decided",
            _("the teacher"),
            _("A record of %(title)s does not count because it overlaps another one: %(reason)s"),
        ),
        Event(
            "overlap-decision-ended",
            _("the teacher"),
            _("The decision that a record of %(title)s does not count was taken back: %(reason)s"),
        ),
        Event(
            "hours-taken-back",
            _("the teacher"),
            _("%(count)s records that a sheet of %(source)s had brought were taken back: %(reason)s"),
        ),
        Event(
            "review-assigned", _("the reviewer"), _("A dossier waits for your review until %(due)s.")
        ),  # of earlier versions
        Event(
            "reviews-waiting",
            _("the reviewer"),
            _("%(programme)s: dossiers that wait for your review: %(count)s, the first until %(due)s."),
        ),
        Event(
            "review-ended",
            _("the reviewer who had begun"),
            _("%(programme)s: a dossier that you had begun to review is no longer yours to review. Its page says why."),
        ),
        Event("evidence-returned", _("the teacher"), _("Your evidence for %(item)s was returned with advice."), True),
        Event("evidence-decided", _("the teacher"), _("Your evidence for %(item)s: %(level)s.")),
        Event(
            "result-overturned",
            _("the teacher"),
            _("The result for %(item)s was changed to %(level)s: %(reason)s"),
            True,
        ),
        Event(
            "results-taken-back",
            _("the teacher"),
            _("%(count)s results that a sheet had brought were taken back: %(reason)s"),
            True,
        ),
        Event(
            "acceptance-asked",
            _("those who accept"),
            _("%(school)s asks that its results be accepted (%(stage)s), until %(due)s."),
        ),
        Event("results-accepted", _("the teacher"), _("%(stage)s: your results were accepted.")),
        Event(
            "results-refused",
            _("the teacher"),
            _("%(stage)s: your results were not accepted and are not passed any more: %(reason)s"),
            True,
        ),
        Event(
            "acceptance-taken-back",
            _("the teacher"),
            _("%(stage)s: what was decided about your results was taken back: %(reason)s"),
            True,
        ),
        Event(
            "school-accepted",
            _("the school's CIO and principal"),
            _("%(stage)s: the results of %(school)s were accepted."),
        ),
        Event(
            "school-refused",
            _("the school's CIO and principal"),
            _("%(stage)s: the results of %(school)s were not accepted: %(reason)s"),
            True,
        ),
        Event(
            "school-acceptance-taken-back",
            _("the school's CIO and principal"),
            _("%(stage)s: the decision about the results of %(school)s was taken back: %(reason)s"),
            True,
        ),
        Event(
            "sample-drawn",
            _("the teacher"),
            _(
                "%(stage)s: results of yours that were drawn and are looked at once more: %(count)s. They stand meanwhile."
            ),
        ),
        Event("sample-stands", _("the teacher"), _("%(stage)s: the result for %(item)s stands.")),
        Event(
            "sample-lowered", _("the teacher"), _("%(stage)s: the result for %(item)s was changed to %(level)s."), True
        ),
        Event(
            "sample-drawn-school",
            _("the school's CIO"),
            _("%(stage)s: results of the school that were drawn: %(count)s."),
        ),
        Event(
            "sample-widened-school",
            _("the school's CIO"),
            _("%(stage)s: too many results were lowered; all others are looked at as well, of the school: %(count)s."),
            True,
        ),
        Event(
            "stage-handed-over",
            _("the training team"),
            _("%(school)s has handed “%(stage)s” over to the training team."),
        ),
        Event(
            "stage-taken-back",
            _("the training team"),
            _("%(school)s has taken “%(stage)s” back from the training team."),
        ),
        Event("mode-proposed", _("the district office"), _("%(school)s proposes a mode of assessment of its own.")),
        Event(
            "mode-approved", _("the school's CIO and principal"), _("The school's own mode of assessment is approved.")
        ),
        Event(
            "mode-returned",
            _("the school's CIO and principal"),
            _("The school's own mode of assessment was returned: %(comment)s"),
            True,
        ),
        Event(
            "mode-ended",
            _("the school's CIO and principal"),
            _("The school's own mode of assessment has ended: %(reason)s"),
            True,
        ),
        Event("verdict-changed", _("the teacher"), _("Your overall standing is now: %(verdict)s.")),
        Event("certificate-issued", _("the teacher"), _("Your certificate %(number)s has been issued.")),
        Event(
            "certificate-revoked",
            _("the teacher and the school's CIO"),
            _("Certificate %(number)s was revoked: %(reason)s"),
            True,
        ),
        Event("role-given", _("the person"), _("You have been given the role %(role)s at %(unit)s.")),
        Event("delegation-given", _("the deputy"), _("%(principal)s lets you act as %(role)s until %(until)s.")),
        Event(
            "records-merged",
            _("the person"),
            _("Two records of you were made one: what was entered under either of them is yours."),
        ),
        Event(
            "records-parted",
            _("the people of both records"),
            _("Your record had been made one with another one. That was taken back; please look whether all is right."),
            True,
        ),
        Event(
            "accounts-joined",
            _("the person"),
            _("Two records of you were joined. From now on you sign in as %(name)s; your other account is closed."),
            True,
        ),
        Event("accounts-parted", _("the person"), _("Your account %(name)s is open again."), True),
        Event(
            "unit-merge",
            _("everybody whose post goes along"),
            _("From %(on)s on “%(unit)s” is part of “%(other)s”; so are you."),
        ),
        Event(
            "merge-undone",
            _("everybody whose post went along"),
            _("That “%(unit)s” became part of “%(other)s” on %(on)s was taken back: you are where you were."),
        ),
        Event(
            "unit-split",
            _("everybody whose post goes along"),
            _("From %(on)s on you belong to “%(other)s”, which was part of “%(unit)s”."),
        ),
        Event(
            "split-undone",
            _("everybody whose post went along"),
            _("That “%(other)s” was split from “%(unit)s” on %(on)s was taken back: you are where you were."),
        ),
        Event("exemption-granted", _("the teacher"), _("You are exempt from %(demand)s: %(reason)s")),
        Event("exemption-ended", _("the teacher"), _("You are no longer exempt from %(demand)s: %(reason)s")),
        Event(
            "version-proposed",
            _("the office that runs the programme"),
            _("%(programme)s: a change waits for a second person: %(reason)s"),
            True,
        ),
        Event(
            "version-refused",
            _("the office that runs the programme"),
            _("%(programme)s: the proposed change was refused: %(reason)s"),
        ),
        Event(
            "version-confirmed",
            _("the office that runs the programme"),
            _("%(programme)s: the proposed change was confirmed; it is version %(number)s."),
        ),
        Event(
            "version-applied",
            _("the CIO and principal of schools where standings change"),
            _("%(programme)s has changed. People of your school whose overall standing is another one now: %(count)s."),
        ),
        Event(
            "approval-asked",
            _("the office that decides"),
            _("%(programme)s: %(unit)s asks for your approval to replace lines of its base: %(reason)s"),
            True,
        ),
        Event(
            "approval-given",
            _("both offices"),
            _("%(programme)s: %(unit)s has approved that lines of the base are replaced; the draft can be published."),
        ),
        Event(
            "approval-returned",
            _("both offices"),
            _("%(programme)s: %(unit)s has not approved that lines of the base are replaced: %(reason)s"),
        ),
        Event(
            "approval-withdrawn",
            _("the office that decides"),
            _("%(programme)s: the request for an approval was withdrawn."),
        ),
        Event(
            "approval-ended",
            _("both offices"),
            _("%(programme)s: %(unit)s has taken its approval back: %(reason)s"),
        ),
        Event("task-due", _("the teacher"), _("%(task)s is due on %(due)s.")),
    )
}
