"""Addresses of programmes."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from weineng.programmes.permissions import VIEW
from weineng.web.programmes import (
    approving,
    documents,
    drafts,
    editor,
    enrolling,
    exempting,
    reaching,
    sampling,
    versions,
)
from weineng.web.shell.places import Place

PLACES = (
    Place(_("Programme"), "programmes:list", icon="book", short=_("Programme"), permissions=(VIEW,), order=70),
)  # fmt: skip

urlpatterns = [
    path("programmes/", documents.list_programmes, name="list"),
    path("programmes/drafts/", drafts.list_drafts, name="drafts"),
    path("programmes/drafts/new/", drafts.begin, name="begin_draft"),
    path("programmes/drafts/<draft:draft>/", editor.draft, name="draft"),
    path("programmes/drafts/<draft:draft>/text/", drafts.text, name="draft_text"),
    path("programmes/drafts/<draft:draft>/reach/", reaching.draft_reach, name="draft_reach"),
    path("programmes/drafts/<draft:draft>/sample/", sampling.sample, name="draft_sample"),
    path("programmes/drafts/<draft:draft>/do/", editor.act, name="draft_act"),
    path("programmes/drafts/<draft:draft>/line/<slug:section>/<slug:row>/", editor.line, name="draft_line"),
    path("programmes/drafts/<draft:draft>/approval/", approving.ask_approval, name="ask_approval"),
    path("programmes/approvals/", approving.approvals, name="approvals"),
    path("programmes/approvals/<approval:approval>/", approving.approval, name="approval"),
    path("programmes/approvals/<approval:approval>/do/", approving.approval_act, name="approval_act"),
    path("programmes/publish/", documents.publish, name="publish"),
    path("programmes/<programme:programme>/", documents.show_document, name="document"),
    path("programmes/<programme:programme>/source/", documents.source, name="source"),
    path("programmes/<programme:programme>/do/", documents.act, name="act"),
    path("programmes/<programme:programme>/versions/", versions.versions, name="versions"),
    path("programmes/<programme:programme>/versions/again/", versions.propose_again, name="propose_again"),
    path("programmes/<programme:programme>/versions/propose/", versions.propose, name="propose"),
    path("programmes/<programme:programme>/reach/", reaching.reach, name="reach"),
    path("programmes/proposals/<proposal:proposal>/reach/", reaching.proposal_reach, name="proposal_reach"),
    path("programmes/proposals/<proposal:proposal>/", versions.proposal, name="proposal"),
    path("programmes/proposals/<proposal:proposal>/people/", versions.people, name="proposal_people"),
    path("programmes/proposals/<proposal:proposal>/schools/", versions.schools, name="proposal_schools"),
    path("programmes/proposals/<proposal:proposal>/do/", versions.act, name="proposal_act"),
    path("programmes/<programme:programme>/schools/", enrolling.schools, name="schools"),
    path("programmes/<programme:programme>/schools/<unit:unit>/", enrolling.people, name="people"),
    path("programmes/<programme:programme>/exemptions/", exempting.list_exemptions, name="exemptions"),
    path("programmes/exemptions/<exemption:exemption>/do/", exempting.act, name="exemption_act"),
    path("programmes/enrolment/<enrolment:enrolment>/", enrolling.person, name="person"),
    path("programmes/enrolment/<enrolment:enrolment>/exempt/", exempting.ask, name="ask"),
]
