from django.utils import timezone


class VisitMiddleware:
    """Notes that a member is here, for “since your last visit”."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated:
            request.user.note_visit(timezone.now())
        return self.get_response(request)
