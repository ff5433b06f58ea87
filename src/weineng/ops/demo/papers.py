"""The files people hand in: small real PDFs with a heading one can read, and recordings of the length of a lesson."""

import importlib.util
import io
import tempfile
from functools import lru_cache
from pathlib import Path

import av
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 620, 877


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    found = importlib.util.find_spec("zhplot")
    for place in (found.submodule_search_locations or ()) if found else ():
        for file in sorted(Path(place, "fonts").glob("*.[ot]tf")):
            return ImageFont.truetype(str(file), size)
    return ImageFont.load_default(size)


@lru_cache(maxsize=256)
def pdf(title: str, lines: tuple[str, ...]) -> bytes:
    """A page of paper with a title and some lines."""
    sheet = Image.new("L", (WIDTH, HEIGHT), 255)
    pen = ImageDraw.Draw(sheet)
    pen.text((56, 70), title, font=_font(28), fill=20)
    pen.line((56, 118, WIDTH - 56, 118), fill=160, width=2)
    for number, line in enumerate(lines):
        pen.text((56, 140 + number * 34), line, font=_font(17), fill=50)
    place = io.BytesIO()
    sheet.save(place, "PDF", resolution=75, quality=60)
    return place.getvalue()


@lru_cache(maxsize=8)
def film(seconds: int, shade: int) -> bytes:
    """A recording of so many seconds, one picture every ten, small enough to be sent in a moment."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as place:
        with av.open(place.name, "w", format="mp4", options={"movflags": "faststart"}) as container:
            stream = container.add_stream("libx264", rate=1)
            stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
            stream.options = {"preset": "ultrafast", "crf": "36"}
            for number in range(0, seconds, 10):
                frame = av.VideoFrame.from_image(_picture(number, shade)).reformat(format="yuv420p")
                frame.pts = number
                container.mux(stream.encode(frame))
            last = av.VideoFrame.from_image(_picture(seconds, shade)).reformat(format="yuv420p")
            last.pts = seconds
            container.mux(stream.encode(last))
            container.mux(stream.encode(None))
        return Path(place.name).read_bytes()


def _picture(second: int, shade: int) -> Image.Image:
    picture = Image.new("RGB", (320, 180), (shade, 96, 160 - shade // 2))
    pen = ImageDraw.Draw(picture)
    pen.text((20, 70), f"课堂 {second // 60:02}:{second % 60:02}", font=_font(36), fill=(250, 250, 245))
    return picture
