"""The hash chain and its check: plain Python, no server, no third-party package.

Run by itself on an export: `python chain.py EXPORT.jsonl [ANCHORS.jsonl …]`. An export holds one JSON object a line:
sealed lines `{"position", "digest", "line"}` in order of position, then unsealed ones `{"unsealed": line}`. A digest is
SHA-256 over the digest before it, a line feed and the line in canonical JSON (keys sorted, no spaces, UTF-8); the
first one follows 64 zeros. Personal values stand in a line as their keyed digest only, so a person's erasure leaves
the chain whole. Exit code 0: whole; 1: broken, with the place; 2: the file cannot be read.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START = "0" * 64


def link(before: str, line: Mapping[str, Any]) -> str:
    """The digest of a line that follows `before` (both 64 hex digits)."""
    text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{text}".encode()).hexdigest()


@dataclass
class Finding:
    """What a check found: how many lines are sealed and unsealed, the head, and every fault with its place."""

    sealed: int = 0
    unsealed: int = 0
    head: str = START
    anchors: int = 0
    faults: list[str] = field(default_factory=list)
    digests: dict[int, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def check_lines(entries: Iterable[Mapping[str, Any]], anchors: Iterable[Mapping[str, Any]] = ()) -> Finding:
    """Recompute the chain over the entries of an export and hold the anchors against it."""
    found, anchors = Finding(), [_known(anchor, ANCHOR) for anchor in anchors]
    wanted = {anchor["position"] for anchor in anchors}
    for number, entry in enumerate(entries, 1):
        if entry.keys() == {"unsealed"}:
            found.unsealed += 1
            continue
        position = _known(entry, SEALED, number)["position"]
        if position != found.sealed + 1:
            found.faults.append(f"position {found.sealed + 1} is missing; {position} follows")
            found.sealed = position - 1
        digest = link(found.head, entry["line"])
        if digest != entry["digest"]:
            found.faults.append(f"position {position}: the line or one before it was changed")
        found.head, found.sealed = entry["digest"], position
        if position in wanted:
            found.digests[position] = digest
    for anchor in anchors:
        found.anchors += 1
        missing = anchor["position"] - found.sealed
        if missing > 0:
            found.faults.append(
                f"anchor of {anchor['at']} at position {anchor['position']}: the log ends at {found.sealed}, "
                f"the {missing} lines after it are missing"
            )
        elif found.digests.get(anchor["position"]) != anchor["digest"]:
            found.faults.append(f"anchor of {anchor['at']} at position {anchor['position']} does not fit")
    return found


SEALED: Mapping[str, type] = {"position": int, "digest": str, "line": dict}
ANCHOR: Mapping[str, type] = {"position": int, "digest": str, "at": str}


def _known(entry: Mapping[str, Any], shape: Mapping[str, type], number: int = 0) -> Mapping[str, Any]:
    """The entry, if it is what an export holds; what nobody checks must not stand in it. Raises ValueError."""
    place = f"entry {number}" if number else "an anchor"
    if (shape is SEALED and entry.keys() != shape.keys()) or not shape.keys() <= entry.keys():
        raise ValueError(f"{place} does not hold {', '.join(shape)}, nothing more and nothing less")
    for key, kind in shape.items():
        if not isinstance(entry[key], kind) or isinstance(entry[key], bool):
            raise ValueError(f"{place}: {key} is not what it should be")  # noqa: TRY004 (the file's fault)
    return entry


def read_entries(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file, one a line; raises ValueError with the line's number."""
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if not text.strip():
                continue
            try:
                entry = json.loads(text)
            except (json.JSONDecodeError, RecursionError) as error:
                raise ValueError(f"{path.name}, line {number}: {getattr(error, 'msg', 'nested too deeply')}") from None
            if not isinstance(entry, dict):
                raise ValueError(f"{path.name}, line {number}: not an object")  # noqa: TRY004 (the file's fault)
            yield entry


def main(arguments: list[str]) -> int:
    """Check an export given on the command line."""
    if not arguments:
        sys.stdout.write("usage: python chain.py EXPORT.jsonl [ANCHORS.jsonl ...]\n")
        return 2
    try:
        anchors = [entry for name in arguments[1:] for entry in read_entries(Path(name))]
        found = check_lines(read_entries(Path(arguments[0])), anchors)
    except (OSError, ValueError, RecursionError) as error:
        sys.stdout.write(f"cannot be read: {error}\n")
        return 2
    for fault in found.faults:
        sys.stdout.write(f"BROKEN {fault}\n")
    sys.stdout.write(
        f"{'whole' if found.whole else 'broken'}: {found.sealed} sealed, {found.unsealed} not sealed yet, "
        f"{found.anchors} anchors, head {found.head}\n"
    )
    return 0 if found.whole else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
