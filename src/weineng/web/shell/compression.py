"""Pages are sent compressed; what must arrive byte by byte as it was answered says so (`as_is`)."""

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware


class CompressionMiddleware(GZipMiddleware):
    """Compresses answers for those who take that; adds random length to each, so that its size tells nothing (BREACH)."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:  # type: ignore[override]  # of ours, all are
        """The answer, smaller unless it is to stay as it is."""
        if getattr(response, "as_is", False):
            return response
        return super().process_response(request, response)  # type: ignore[return-value]
