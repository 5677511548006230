"""Why somebody could not sign in by the organisation: a page that says what to do, and a line in the security log."""

from enum import Enum

from django.conf import settings
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from plans.common.security_log import log_event
from plans.page_cache import NO_STORE

TELL_ADMINISTRATOR = _("Tell an administrator of the tracker: the log says more.")


class Problem(Enum):
    """Each has a status, what happened, and what to do."""

    AWAY = 503, _("%(name)s does not answer"), _("Nothing was changed. Try again in some minutes.")
    REFUSED = (
        403,
        _("%(name)s did not sign you in"),
        _("It said no, or you went back before the end. If you may use the tracker, try again or ask your IT support."),
    )
    EXPIRED = (
        400,
        _("This sign-in has expired"),
        _("It has to end within ten minutes, in the browser in which it began. Start again."),
    )
    MISCONFIGURED = 502, _("The tracker and %(name)s do not understand each other"), TELL_ADMINISTRATOR
    NOT_GENUINE = 502, _("The answer of %(name)s could not be verified"), TELL_ADMINISTRATOR
    UNVERIFIED = (
        403,
        _("%(name)s has not verified your e-mail address"),
        _("The tracker knows people by their address, so it has to be verified there first. Ask your IT support."),
    )
    UNKNOWN = (
        403,
        _("You have no account in the tracker"),
        _("An administrator can add you with the address below, or correct yours. Ask there."),
    )
    NO_ROLE = (
        403,
        _("You have no role in the tracker"),
        _("Your organisation gives roles through %(name)s. Ask your IT support for one."),
    )
    OTHER_ACCOUNT = (
        403,
        _("This address belongs to another account of %(name)s"),
        _("An administrator can remove the link to the other account. Then sign in again."),
    )
    OTHER_PERSON = (
        403,
        _("You proved that you are somebody else"),
        _("Sign in at %(name)s with the account with which you are signed in here."),
    )

    def __init__(self, status, heading, advice):
        self.status, self.heading, self.advice = status, heading, advice


class SignInProblem(Exception):
    """Raised where a sign-in cannot go on. `email` is the address that the provider gave, for its owner to see."""

    def __init__(self, problem, detail="", email=""):
        super().__init__(problem, detail)
        self.problem, self.detail, self.email = problem, detail, email


def problem_page(request, error):
    """Log why a sign-in failed, and return the page that says what to do. `detail` holds nothing that was typed."""
    problem, name = error.problem, {"name": settings.OIDC.name}
    log_event("sign-in by the organisation failed", request, reason=problem.name.lower(), detail=error.detail)
    context = {
        "heading": problem.heading % name,
        "advice": problem.advice % name,
        "email": error.email,
        "contact": settings.CONTACT_EMAIL if problem in (Problem.UNKNOWN, Problem.OTHER_ACCOUNT) else "",
        "status": problem.status,
    }
    page = render(request, "socialaccount/authentication_error.html", context, status=problem.status)
    page.headers["Cache-Control"] = NO_STORE
    return page
