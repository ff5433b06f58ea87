"""Addresses of units and people."""

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy as _

from weineng.organisations.permissions import VIEW_PEOPLE, VIEW_UNIT
from weineng.web.shell.places import Place
from weineng.web.units import changing, erasing, looking, merging, people, person, posts, reorganising, tree

PLACES = (
    Place(
        _("Units and people"), "units:here", icon="people", short=_("People"), permissions=(VIEW_UNIT, VIEW_PEOPLE),
        roles=frozenset({"group-leader", "cio", "principal", "office", "auditor"}), order=25, also=("/accounts/",),
    ),
)  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    path("units/", tree.here, name="here"),
    path("units/<unit:unit>/", tree.unit, name="unit"),
    path("units/<unit:unit>/found/", changing.found, name="found"),
    path("units/<unit:unit>/rename/", changing.rename, name="rename"),
    path("units/<unit:unit>/move/", changing.move, name="move"),
    path("units/moves/<movelook:look>/", looking.move_look, name="move_look"),
    path("units/<unit:unit>/move/undo/", changing.unmove, name="unmove"),
    path("units/<unit:unit>/merge/", reorganising.merge, name="merge_unit"),
    path("units/<unit:unit>/split/", reorganising.split, name="split_unit"),
    path("units/reorganisations/<reorganisation:reorganisation>/undo/", reorganising.undo, name="undo_reorganisation"),
    path("units/<unit:unit>/close/", changing.close, name="close"),
    path("units/<unit:unit>/marks/", changing.flags, name="flags"),
    path("units/<unit:unit>/details/", changing.details, name="details"),
    path("units/<unit:unit>/people/", people.people, name="people"),
    path("units/<unit:unit>/people/enter/", people.enter, name="enter"),
    path("units/people/<person:person>/", person.person, name="person"),
    path("units/people/<person:person>/details/", person.edit, name="edit_person"),
    path("units/people/<person:person>/number/", person.reveal, name="reveal"),
    path("units/people/<person:person>/transfer/", posts.transfer, name="transfer"),
    path("units/people/<person:person>/post/", posts.another, name="another"),
    path("units/people/<person:person>/merge/", merging.twins, name="twins"),
    path("units/people/<person:person>/merge/<person:other>/", merging.merge, name="merge"),
    path("units/people/<person:person>/erase/", erasing.erase, name="erase"),
    path("units/erasures/", erasing.erasures, name="erasures"),
    path("units/erasures/<erasure:erasure>/", erasing.act, name="erasure_act"),
    path("units/merges/<merge:merge>/undo/", merging.unmerge, name="unmerge"),
    path("units/posts/<posting:posting>/", posts.change, name="change_post"),
]
