"""What no single line shows of stages, of the states of units and of the roll-out."""

from collections.abc import Mapping
from typing import Any

from weineng.programmes.documents.building import SAMPLING, decides
from weineng.programmes.documents.found import Found

Plain = Mapping[str, Any]
OF_LEVEL = ("training-team", "experts")


def check_stages(plain: Plain, found: Found) -> None:
    """Exactly one stage decides, what accepts or samples comes after it, and each has the lines it needs and no others."""
    deciding = [stage["code"] for stage in plain["stages"] if decides(stage)]
    if not deciding:
        found.at("stages", "nobody-decides")
    for code in deciding[1:]:
        found.at(f"stages.{code}", "two-decide", first=deciding[0])
    decided = False
    for stage in plain["stages"]:
        decided = decided or decides(stage)
        _lines(stage, f"stages.{stage['code']}", found)
        if stage["does"] in ("accepts", "samples") and not decided:
            found.at(f"stages.{stage['code']}.does", "before-decision")
        if stage["does"] in ("accepts", "samples") and stage["by"] not in OF_LEVEL:
            found.at(f"stages.{stage['code']}.by", "checks-without-level")


def _lines(stage: Plain, path: str, found: Found) -> None:
    if stage["decides"] is None and stage["does"] is None:
        found.at(path, "missing-field", field="does")
    if stage["decides"] is not None and stage["does"] is not None and stage["decides"] != (stage["does"] == "decides"):
        found.at(f"{path}.does", "says-two-things", other="decides")
    if stage["insiders"] + stage["outsiders"] > stage["reviewers"]:
        params = {"insiders": stage["insiders"], "outsiders": stage["outsiders"], "reviewers": stage["reviewers"]}
        found.at(f"{path}.reviewers", "reviewers-too-few", **params)
    if stage["by"] in OF_LEVEL and not stage["level"]:
        found.at(path, "missing-field", field="level")
    foreign = {"level": stage["by"] not in OF_LEVEL, "delegated_to": stage["by"] == "self"}
    foreign |= dict.fromkeys(SAMPLING, stage["does"] != "samples")
    for name, unused in foreign.items():
        if unused and stage[name]:
            found.at(f"{path}.{name}", "field-not-for-stage", field=name)
    if stage["does"] == "samples" and stage["share"] is None:
        found.at(path, "missing-field", field="share")


def check_units(plain: Plain, found: Found) -> None:
    """A school's share is said once, acceptance is asked for where somebody accepts, targets have days and a measure."""
    school = plain["school"]
    shares = {"school.completed_share": school["completed_share"]}
    if school["completed"] is not None:
        shares["school.completed.share"] = school["completed"]["share"]
        if school["completed"]["accepted"] and not any(stage["does"] == "accepts" for stage in plain["stages"]):
            found.at("school.completed.accepted", "nobody-accepts")
    said = [path for path, share in shares.items() if share is not None]
    if not said:
        found.at("school", "missing-field", field="completed_share")
    if len(said) > 1:
        found.at("school.completed.share", "says-two-things", other="school.completed_share")
    for target in plain["targets"]:
        path = f"targets.{target['code']}"
        if target["to"] < target["from"]:
            params = {"later": target["to"].isoformat(), "earlier": target["from"].isoformat()}
            found.at(f"{path}.to", "dates-out-of-order", **params)
        if target["share"] is None and target["number"] is None:
            found.at(path, "missing-field", field="share")
