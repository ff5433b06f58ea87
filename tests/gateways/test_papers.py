"""Papers: Chinese text comes out as text, data is never markup, the same paper twice is the same bytes."""

from datetime import UTC, datetime

import pypdfium2
import pytest
import typst

from weineng.gateways.papers import compile_paper, font_families, qr_svg

TEMPLATE = """
#let data = json(bytes(sys.inputs.data))
#set text(font: data.fonts, lang: data.lang)
#for name in data.names [#name #parbreak()]
#image(bytes(data.qr), width: 2cm, format: "svg")
"""


@pytest.fixture
def template(tmp_path):
    place = tmp_path / "paper.typ"
    place.write_text(TEMPLATE)
    return place


def text_of(pdf: bytes) -> str:
    return "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf))


def test_names_come_out_as_they_are(template):
    names = ["林晓岚", "阿依·古丽", "#strong[x] *y* $z$", "㛃䶮"]
    pdf = compile_paper(template, {"names": names, "qr": qr_svg("http://127.0.0.1/x")})
    assert [line.strip() for line in text_of(pdf).splitlines() if line.strip()] == names


def test_the_same_paper_twice_is_the_same_bytes(template):
    at = datetime(2026, 3, 1, tzinfo=UTC)
    first, second = (compile_paper(template, {"names": ["林"], "qr": qr_svg("x")}, at=at) for _ in range(2))
    assert first == second


def test_a_chinese_font_is_there_and_the_traditional_one_comes_first_for_its_readers():
    assert font_families()[0] == "Noto Sans SC"
    assert "Noto Sans SC" in font_families("zh-hant")


def test_a_fault_in_the_template_is_told(tmp_path):
    place = tmp_path / "broken.typ"
    place.write_text("#nothing-like-this")
    with pytest.raises(typst.TypstError):
        compile_paper(place, {})
