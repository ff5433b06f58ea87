"""Files of every kind, made here: real videos and PDFs, and the bad ones that people and attackers send."""

import io
import struct
import tempfile
import zipfile

import av
import pypdfium2
from PIL import Image

W = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p/></w:body></w:document>'


def video(seconds=3, *, kind="mp4", faststart=False):
    """A real H.264 recording with `seconds` of moving grey."""
    with tempfile.NamedTemporaryFile(suffix=f".{kind}") as place:
        _record(place.name, seconds, kind, {"movflags": "faststart"} if faststart else {})
        return place.read()


def _record(place, seconds, kind, options):
    with av.open(place, "w", format=kind, options=options) as container:
        stream = container.add_stream("libx264" if kind == "mp4" else "libvpx", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        frame = av.VideoFrame(64, 48, "yuv420p")
        for number in range(seconds * 5):
            for plane in frame.planes:
                plane.update(bytes([number * 7 % 256]) * plane.buffer_size)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def sound(seconds=2):
    rate = 8000
    data = bytes(rate * seconds * 2)
    head = struct.pack(
        "<4sI8sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVEfmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", len(data)
    )
    return head + data


def pdf(pages=2):
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 200)
    place = io.BytesIO()
    document.save(place)
    document.close()
    return place.getvalue()


def locked_pdf():
    """A PDF whose encryption dictionary fits no empty password."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>",
        b"<< /Filter /Standard /V 1 /R 2 /Length 40 /P -44 /O <%s> /U <%s> >>" % (b"ab" * 32, b"cd" * 32),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    ids = b"[<%s> <%s>]" % (b"01" * 16, b"01" * 16)
    return out + b"trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID %s >>\nstartxref\n%d\n%%%%EOF\n" % (ids, start)


def picture(kind="JPEG", size=(40, 30)):
    place = io.BytesIO()
    Image.new("RGB", size, (90, 120, 90)).save(place, kind)
    return place.getvalue()


def archive(files):
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(name, data)
    return place.getvalue()


def office(part="word/document.xml"):
    return archive({"[Content_Types].xml": b"<Types/>", part: W})


def bomb(megabytes=30):
    """Unpacks to a thousand times its size, and says so."""
    return archive({"作业.txt": bytes(megabytes << 20)})


def lying_bomb():
    """Says it holds 10 bytes and unpacks to thirty megabytes."""
    data = bytearray(archive({"a.txt": bytes(30 << 20)}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.find(signature)
        data[at + place : at + place + 4] = struct.pack("<I", 10)
    return bytes(data)


def locked_archive():
    """A zip whose entry carries the flag of encryption."""
    data = bytearray(archive({"教案.docx": b"secret"}))
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def compound(streams):
    """A compound file (doc, wps, xls, et, ppt, dps, locked docx) with these streams, large enough to stand alone."""
    sector, end, free = 512, 0xFFFFFFFE, 0xFFFFFFFF
    bodies = [data.ljust(4096, b"\0") for data in streams.values()]
    directories = 1 + (len(streams) // 4)
    first = 1 + directories
    fat, at = [0xFFFFFFFD, *range(2, 1 + directories), end], first
    starts = []
    for body in bodies:
        count = len(body) // sector
        starts.append(at)
        fat += [*range(at + 1, at + count), end]
        at += count
    fat += [free] * (128 - len(fat))

    def entry(name, kind, start, size):
        text = name.encode("utf-16-le") + b"\0\0"
        return (
            text.ljust(64, b"\0") + struct.pack("<HBB3I", len(text), kind, 1, free, free, free) + bytes(36)
            + struct.pack("<IQ", start, size)
        )  # fmt: skip

    entries = entry("Root Entry", 5, end, 0)
    for name, start, body in zip(streams, starts, bodies, strict=True):
        entries += entry(name, 2, start, len(body))
    entries = entries.ljust(directories * sector, b"\0")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0, 0) + struct.pack("<108I", *[free] * 108)
    head = head[:76] + struct.pack("<109I", 0, *[free] * 108)
    return head + struct.pack("<128I", *fat) + entries + b"".join(bodies)


def old_word(*, locked=False):
    return compound({"WordDocument": b"\xec\xa5" + bytes(9) + bytes([1 if locked else 0]) + bytes(50), "1Table": b"x"})


def program():
    """A Windows program, whatever it calls itself."""
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(400)


def cut(data):
    """The first two thirds."""
    return data[: len(data) * 2 // 3]


def word_document(*lines, rows=()):
    """A Word document with these paragraphs, then a table."""
    text = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc><w:p><w:r><w:t>{c}</w:t></w:r></w:p></w:tc>" for c in row) + "</w:tr>"
        for row in rows
    )
    body = f"<w:body>{text}<w:tbl>{cells}</w:tbl></w:body>"
    document = f'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{body}</w:document>'
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": document.encode()})


def slides(*texts):
    """A presentation with one line a slide."""
    ns = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    files = {"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<p/>"}
    for number, text in enumerate(texts, 1):
        files[f"ppt/slides/slide{number}.xml"] = f"<s {ns}><a:p><a:r><a:t>{text}</a:t></a:r></a:p></s>".encode()
    return archive(files)


def sheet(rows):
    import xlsxwriter

    place = io.BytesIO()
    book = xlsxwriter.Workbook(place)
    page = book.add_worksheet("成绩")
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return place.getvalue()


def open_text(*lines):
    ns = 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    text = "".join(f"<text:p>{line}</text:p>" for line in lines)
    kind = b"application/vnd.oasis.opendocument.text"
    return archive({"mimetype": kind, "content.xml": f"<office:d {ns}>{text}</office:d>".encode()})


def written_pdf(*pages):
    """A PDF with one line of ASCII a page."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for text in pages:
        stream = b"BT /F1 24 Tf 20 100 Td (%s) Tj ET" % text.encode()
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        font = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents %d 0 R /Resources %s >>"
            % (len(objects), font)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def laughs():
    """A Word document whose XML would grow to a gigabyte."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    document = f'<!DOCTYPE d [<!ENTITY l0 "ha">{entities}]><d>&l9;</d>'
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": document.encode()})
