"""The planted documents: base.yaml with the changes of answers.yaml, and the answer that stands beside each."""

from copy import deepcopy
from pathlib import Path

import yaml

from weineng.programmes.documents import check_document

HERE = Path(__file__).parent / "planted"
TITLED = ("caps", "results", "parts", "tasks", "targets")  # rows that have no title
TITLE = {"zh-hans": "题", "zh-hant": "題", "en": "Title"}
EVIDENCE = [
    {
        "code": "plan", "title": TITLE, "requirement": TITLE, "media": "file",
        "indicators": [{"code": "whole", "level": "pass", "text": TITLE}],
    }
]  # fmt: skip


def cases():
    return _loaded("answers.yaml")


def planted(change):
    """What came of reading the base with these changes."""
    return check_document(planted_text(change), lambda _code: None, "planted.yaml")


def planted_text(change):
    """The base with these changes as YAML."""
    return _text(_merge(_loaded("base.yaml"), deepcopy(change), ""))


def _loaded(name):
    return yaml.load((HERE / name).read_text(encoding="utf-8"), yaml.CSafeLoader)


def _merge(base, change, name):
    if isinstance(change, dict):
        rest = base or {}
        merged = {**rest, **{key: _merge(rest.get(key), value, key) for key, value in change.items()}}
        return {key: value for key, value in merged.items() if value is not None}
    if isinstance(change, list) and all(isinstance(row, dict) for row in change):
        key = "item" if name == "results" else "code"
        rows = {row[key]: row for row in base or ()}
        for row in change:
            titled = {} if name in TITLED or row[key] in rows else {"title": TITLE}
            titled |= {"evidence": EVIDENCE} if name == "local" else {}
            rows[row[key]] = _merge(rows.get(row[key]) or titled, row, "")
        return [row for row in rows.values() if not row.get("gone")]
    return change


class _Writer(yaml.CSafeDumper):
    def ignore_aliases(self, data):
        return True  # a document has none


def _text(merged):
    return yaml.dump(merged, Dumper=_Writer, allow_unicode=True, sort_keys=False)


def said_of(case, kind, goal):
    """The answer that stands beside a case for a kind of teacher."""
    names = [*kind.flags, kind.environment, "alone" if kind.colleagues == 0 else "", "everybody"]
    if len(kind.flags) > 1:
        names.insert(0, " ".join(kind.flags))
    suffix = "" if goal == "pass" else f" {goal}"
    return next(case[name + suffix] for name in names if name and name + suffix in case)


def name_of(kind):
    """What a kind of teacher is called in an answer."""
    return " ".join([*kind.flags, *([kind.environment] if kind.environment else [])]) or "everybody"
