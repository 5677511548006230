"""Answer pages that other sites embed without cookies: the same for everybody, and nothing of a person in a frame.

Browsers send no cookie into the frame of another site, but they do into one of a site under the same domain.
"""

EMBEDDED = "/embed/"  # the end of their addresses


def without_cookies(get_response):
    """Return the middleware that hides the cookies of such a request, and says that the answer depends on none."""

    def answer(request):
        if not request.path_info.endswith(EMBEDDED):
            return get_response(request)

        request.META.pop("HTTP_COOKIE", None)
        response = get_response(request)
        response.headers["Vary"] = "Accept-Encoding"
        return response

    return answer
