"""The formats in which a statement is answered: `exact` as it was said, `ids` with identifiers only, `canonical` with what the store knows
of activities, in one language."""

from collections.abc import Mapping, Sequence
from typing import Any

from weineng.statements.rules.activities import COMPONENTS
from weineng.statements.rules.keys import IDENTIFIERS
from weineng.statements.rules.rows import Content

FORMATS = ("exact", "ids", "canonical")


# --- Identifiers only ------------------------------------------------------------------------------------------------
def bare(content: Content) -> Content:
    """A statement with no more of agents, verbs and activities than identifies them."""
    found = dict(content)
    found["actor"] = _bare_agent(content["actor"])
    found["verb"] = {"id": content["verb"]["id"]}
    found["object"] = _bare_object(content["object"])
    if "context" in content:
        found["context"] = _bare_context(content["context"])
    if "authority" in content:
        found["authority"] = _bare_agent(content["authority"])
    return found


def _bare_object(about: Content) -> Content:
    kind = about.get("objectType", "Activity")
    if kind == "Activity":
        return {"id": about["id"]}
    if kind in ("Agent", "Group"):
        return {"objectType": kind} | _bare_agent(about)
    return bare(about) if kind == "SubStatement" else about


def _bare_agent(agent: Content) -> Content:
    found = {name: agent[name] for name in IDENTIFIERS if name in agent}
    if agent.get("objectType") == "Group":
        found["objectType"] = "Group"
        if len(found) == 1:
            found["member"] = [_bare_agent(one) for one in agent["member"]]
    return found


def _bare_context(context: Content) -> Content:
    found = dict(context)
    for name in ("instructor", "team"):
        if name in context:
            found[name] = _bare_agent(context[name])
    if "contextActivities" in context:
        around = context["contextActivities"]
        found["contextActivities"] = {place: [{"id": one["id"]} for one in held] for place, held in around.items()}
    for names, name in (("contextAgents", "agent"), ("contextGroups", "group")):
        if names in context:
            found[names] = [one | {name: _bare_agent(one[name])} for one in context[names]]
    return found


# --- Canonical -------------------------------------------------------------------------------------------------------
def iris_of(content: Content) -> set[str]:
    """The activities that a statement names."""
    found = set()
    about = content["object"]
    kind = about.get("objectType", "Activity")
    if kind == "Activity":
        found.add(about["id"])
    elif kind == "SubStatement":
        found |= iris_of(about)
    for held in content.get("context", {}).get("contextActivities", {}).values():
        found |= {one["id"] for one in held}
    return found


def canonical(content: Content, definitions: Mapping[str, Content], languages: Sequence[str]) -> Content:
    """A statement with the definitions that the store knows (by IRI), each text in the one language that suits `languages` (as
    `preferred` gives them) best."""
    found = dict(content)
    found["verb"] = _in_one(content["verb"], ("display",), languages)
    about = content["object"]
    kind = about.get("objectType", "Activity")
    if kind == "Activity":
        found["object"] = _defined(about, definitions, languages)
    elif kind == "SubStatement":
        found["object"] = canonical(about, definitions, languages)
    if around := content.get("context", {}).get("contextActivities"):
        defined = {place: [_defined(one, definitions, languages) for one in held] for place, held in around.items()}
        found["context"] = content["context"] | {"contextActivities": defined}
    return found


def _defined(activity: Content, definitions: Mapping[str, Content], languages: Sequence[str]) -> Content:
    known = definitions.get(activity["id"]) or activity.get("definition")
    return activity | {"definition": one_language(known, languages)} if known else activity


def one_language(definition: Content, languages: Sequence[str]) -> Content:
    """A definition with each text in one language."""
    found = _in_one(definition, ("name", "description"), languages)
    for name in COMPONENTS:
        if name in found:
            found[name] = [_in_one(one, ("description",), languages) for one in found[name]]
    return found


def _in_one(thing: Content, names: Sequence[str], languages: Sequence[str]) -> Content:
    return thing | {name: _choose(thing[name], languages) for name in names if thing.get(name)}


def _choose(texts: Content, languages: Sequence[str]) -> Content:
    """The entry of the first language wanted that is there, exactly, by its beginning, or (`en` for `en-GB`) more generally; else the
    first one."""
    by_tag = {tag.lower(): tag for tag in texts}
    for wanted in languages:
        fits = [tag for low, tag in by_tag.items() if low == wanted]
        fits += [tag for low, tag in by_tag.items() if wanted == "*" or low.startswith(f"{wanted}-")]
        fits += [tag for low, tag in by_tag.items() if wanted.startswith(f"{low}-")]
        if fits:
            return {fits[0]: texts[fits[0]]}
    first = next(iter(texts))
    return {first: texts[first]}


def preferred(header: str) -> list[str]:
    """The languages of an `Accept-Language` header in small letters, the best one first; those refused (q=0) are left out."""
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:50]):
        tag, _, rest = part.strip().partition(";")
        weight = _weight(rest)
        if tag.strip() and weight > 0:
            weighed.append((-weight, place, tag.strip().lower()))
    return [tag for _weight, _place, tag in sorted(weighed)]


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0


def shown(content: Any, form: str, definitions: Mapping[str, Content], languages: Sequence[str]) -> Content:
    """A statement in one of the formats `ids` and `canonical`."""
    return bare(content) if form == "ids" else canonical(content, definitions, languages)
