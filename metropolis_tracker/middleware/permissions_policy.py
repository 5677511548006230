"""Switch off, on every page and file, the abilities of a browser that the tracker does not use."""

OFF = "autoplay camera display-capture fullscreen geolocation microphone midi payment usb"
ON = "publickey-credentials-create publickey-credentials-get"  # passkeys
POLICY = ", ".join([*(f"{name}=()" for name in OFF.split()), *(f"{name}=(self)" for name in ON.split())])


def permissions_policy(get_response):
    """Return the middleware that sets the header."""

    def answer(request):
        response = get_response(request)
        response.headers["Permissions-Policy"] = POLICY
        return response

    return answer
