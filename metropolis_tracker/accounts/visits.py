from django.utils import timezone


class VisitMiddleware:
    """Records when members visit, for “since your last visit”. It comes after authentication."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            request.user.record_visit(timezone.now())
        return self.get_response(request)
