from django.middleware.gzip import GZipMiddleware


class CompressionMiddleware(GZipMiddleware):
    """Compresses responses, except those marked `no-transform`: the bytes of a published file must match its digest."""

    def process_response(self, request, response):
        if "no-transform" in response.get("Cache-Control", ""):
            return response
        return super().process_response(request, response)
