"""Papers: PDF from a typst template and data, with a Chinese font wherever the installation runs.

    pdf = compile_paper(files("weineng.accounts") / "papers" / "slips.typ", {"slips": [...]})

A template reads what it is given with `#let data = json(bytes(sys.inputs.data))` and sets
`#set text(font: data.fonts, lang: data.lang)`; strings in `data` are text, never markup, so a name cannot break a page.
QR codes come ready as SVG (`qr_svg`) and are drawn with `image(bytes(svg), format: "svg")`.
"""

import importlib.util
import io
import json
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import segno
import typst
from django.utils.translation import get_language

FAMILIES = ("Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC")  # the same face under the names it ships with
TRADITIONAL = ("Noto Sans TC", "Noto Sans CJK TC", "Source Han Sans TC")
_SYSTEM = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/local/share/fonts"),
    Path("/usr/share/fonts/truetype/noto"),
)
_one_at_a_time = Lock()  # a compiler keeps what it read between papers and is not made for two threads


def compile_paper(template: Path, data: Mapping[str, Any], *, at: datetime | None = None) -> bytes:
    """The PDF of a template with data (anything JSON can say; dates become ISO text).

    Two keys are added: `fonts`, the families that are there, best first for the reader's script, and `lang`. `at` is the
    creation time written into the file: the same template, data and instant give the same bytes. Raises
    `typst.TypstError` for a fault in the template.
    """
    language = get_language() or "zh-hans"
    text = {"fonts": font_families(language), "lang": language[:2], **data}
    with _one_at_a_time:
        pdf = _compiler(template.parent).compile(
            input=str(template),
            format="pdf",
            sys_inputs={"data": json.dumps(text, ensure_ascii=False, default=str)},
            timestamp=int(at.timestamp()) if at else None,
        )
    if not isinstance(pdf, bytes):
        raise TypeError(template)
    return pdf


def qr_svg(text: str, *, error: str = "m") -> str:
    """A QR code as SVG text without border or size: the paper gives it both."""
    out = io.BytesIO()
    segno.make(text, error=error, micro=False).save(out, kind="svg", border=0, xmldecl=False, omitsize=True)
    return out.getvalue().decode()


def font_families(language: str = "zh-hans") -> list[str]:
    """The Chinese families this installation has, those of the language's script first."""
    known = set(_fonts().families())
    wanted = (*TRADITIONAL, *FAMILIES) if language == "zh-hant" else (*FAMILIES, *TRADITIONAL)
    return [family for family in wanted if family in known]


@lru_cache(maxsize=1)
def _fonts() -> Any:
    folders = [str(place) for place in (*_shipped_fonts(), *_SYSTEM) if place.is_dir()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


def _shipped_fonts() -> list[Path]:
    """The fonts of the wheel `zhplot`; only its files are used, its code is never imported."""
    found = importlib.util.find_spec("zhplot")
    return [Path(place) / "fonts" for place in (found.submodule_search_locations or ())] if found else []


@lru_cache(maxsize=16)
def _compiler(root: Path) -> Any:
    return typst.Compiler(root=str(root), font_paths=_fonts(), ignore_system_fonts=True)
