"""Names of the words a document is written in, for readers."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

KIND_NAMES: Mapping[str, object] = {
    "area": _("area"),
    "zone": _("zone"),
    "office": _("bureau or office"),
    "kindergarten": _("kindergarten"),
    "primary": _("primary school"),
    "junior": _("junior secondary school"),
    "nine-year": _("nine-year school"),
    "twelve-year": _("twelve-year school"),
    "complete-middle": _("complete middle school"),
    "senior": _("senior secondary school"),
    "vocational": _("vocational school"),
    "special": _("special school"),
    "teaching-point": _("teaching point"),
    "group": _("teaching group"),
}
IN_POST_NAMES: Mapping[str, object] = {
    "in-post": _("in post"),
    "long-leave": _("on long leave"),
    "seconded-out": _("seconded out"),
    "retired": _("retired"),
}
ESTABLISHMENT_NAMES: Mapping[str, object] = {
    "established": _("on the establishment"),
    "contract": _("on contract"),
    "substitute": _("substitute"),
    "seconded-in": _("seconded in"),
}
MODE_NAMES: Mapping[str, object] = {
    "online": _("online"),
    "face-to-face": _("face to face"),
    "school-research": _("school-based research"),
    "workshop": _("workshop"),
    "community": _("community"),
    "self-study": _("self-study"),
    "shadowing": _("shadowing"),
}
BASES_OF_CAPS: Mapping[str, object] = {
    "record": _("for each record"),
    "day": _("for each day"),
    "course": _("for each course"),
    "kind": _("in all"),
}
AXES: Mapping[str, object] = {
    "dimension": _("dimensions (learner analysis, teaching design, learning guidance, academic assessment)"),
    "environment": _("environments (multimedia, blended, smart)"),
}
STAGE_REVIEWERS: Mapping[str, object] = {
    "self": _("the teacher"),
    "group-peers": _("peer of the group"),
    "panel": _("member of the panel"),
    "backbone": _("backbone teacher of the school"),
    "training-team": _("member of the training team"),
    "experts": _("expert"),
}
LEVELS_OF_DOCUMENTS: Mapping[str, object] = {
    "province": pgettext_lazy("a unit", "province"), "city": pgettext_lazy("a unit", "city"),
    "county": pgettext_lazy("a unit", "county"), "town": pgettext_lazy("a unit", "town"),
}  # fmt: skip
FLAG_NAMES: Mapping[str, object] = {
    "urban": _("urban"), "town": _("town"), "rural": _("rural"), "poverty": _("formerly poor area"),
    "minority": _("minority area"), "pilot": _("pilot"), "smart-education": _("smart-education school"),
    "assigns-host-school": _("assigns host schools"),
}  # fmt: skip
STRATUM_NAMES: Mapping[str, object] = {
    "county": pgettext_lazy("a unit", "county"), "school": _("school"), "stage": _("school stage"), "subject": _("subject"),
}  # fmt: skip
COUNTED_IN_TARGETS: Mapping[str, object] = {
    "counties": _("counties"), "schools": _("schools"), "teachers": _("teachers"),
}  # fmt: skip
STATES_OF_UNITS: Mapping[str, object] = {"started": _("started"), "completed": _("completed")}
ISSUERS: Mapping[str, object] = {"province": _("province"), "city": _("city"), "county": _("county")}
VERDICT_NAMES: Mapping[str, object] = {"pass": _("pass"), "excellent": _("excellent")}
