"""Addresses of evidence."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.evidence.permissions import SUBMIT
from weineng.web.evidence import tasks
from weineng.web.shell.places import Place

PLACES = (
    Place(
        _("Evidence"),
        "evidence:list",
        icon="upload",
        short=_("Evidence"),
        permissions=(SUBMIT,),
        roles=frozenset({"teacher"}),
        order=15,
    ),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("evidence/", tasks.list_items, name="list"),
    path("evidence/item/<slug:item>/<slug:point>/", tasks.item, name="item"),
    path("evidence/<submission:submission>/", tasks.task, name="task"),
    path("evidence/<submission:submission>/do/", tasks.act, name="act"),
    path("evidence/<submission:submission>/drop/<use:use>/", tasks.drop, name="drop"),
]
