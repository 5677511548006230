"""Answer pages that other sites embed without cookies: the same for everybody, and nothing of a person in a frame.

Browsers send no cookie into the frame of another site, but they do into one of a site under the same domain.
"""

import re

from plans.common.paths import without_language

EMBEDDED = re.compile(r"/plans/[-\w]+/embed/")


def without_cookies(get_response):
    """Return the middleware that hides the cookies of such a request, and says that the answer depends on none."""

    def answer(request):
        if not EMBEDDED.fullmatch(without_language(request.path_info)):
            return get_response(request)

        request.META.pop("HTTP_COOKIE", None)
        response = get_response(request)
        response.headers["Vary"] = "Accept-Encoding"
        return response

    return answer
