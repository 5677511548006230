"""Give each request an id: see plans/common/request_id.py. Web servers log it from the header `X-Request-ID`."""

from plans.common.request_id import new_request_id


def request_id(get_response):
    """Return the middleware that sets the id, and the header where no cache could repeat it with its page."""

    def answer(request):
        number = new_request_id()
        response = get_response(request)
        if "public" not in response.headers.get("Cache-Control", ""):
            response.headers["X-Request-ID"] = number
        return response

    return answer
