from django.middleware.gzip import GZipMiddleware


class CompressionMiddleware(GZipMiddleware):
    """Compresses answers, save those marked `no-transform`: a published file goes out byte for byte, under its hash."""

    def process_response(self, request, response):
        if "no-transform" in response.get("Cache-Control", ""):
            return response
        return super().process_response(request, response)
