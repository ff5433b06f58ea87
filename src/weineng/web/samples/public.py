"""What anybody may see of a sample, to draw again what was drawn: no person, no result."""

from collections.abc import Iterator
from hashlib import sha256

from django.http import HttpResponse, StreamingHttpResponse

from weineng.assessment.queries import public_frame, public_sample
from weineng.web.components.tables import Table
from weineng.web.samples.views import STRATA, described
from weineng.web.shell.actors import Asked
from weineng.web.shell.pages import public, show


@public
def drawn(request: Asked, sample: int) -> HttpResponse:
    """The frame's digest, the seed, how many of each stratum, and how to draw again."""
    found = public_sample(sample)
    head = Table(request, STRATA[:4])  # what was found would name whoever is alone in a stratum
    head.rows = [(described(one), one) for one in found.strata]
    return show(request, "samples/public.html", {"found": found, "head": head})


@public
def numbers(_request: Asked, sample: int) -> HttpResponse:
    """Every number of the frame with its stratum, whether it is drawn and by which hash, for a program."""
    row = public_sample(sample).row

    def lines() -> Iterator[str]:
        yield "number,stratum,drawn,sha256\r\n"
        for number, stratum, taken in public_frame(sample):
            ranked = sha256(f"{row.seed}{row.secret}:{number}".encode()).hexdigest() if row.drawn_at else ""
            yield f"{number},{stratum},{taken},{ranked}\r\n"

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="sample-{sample}.csv"'
    return answer  # type: ignore[return-value]  # an answer like others, line by line
