"""Who somebody is in the tracker whom the provider has named.

People are found by their link to the provider's `sub`. The first time they are found by their verified e-mail, and
linked. Nobody is added, unless roles come from a claim (`OIDC_ROLES`): then somebody with a role is.
"""

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction

from metropolis_tracker.accounts.management.commands.add_person import ROLES
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.organisation.id_token import verified_email
from metropolis_tracker.accounts.organisation.problems import Problem, SignInProblem
from metropolis_tracker.accounts.roles import Role
from metropolis_tracker.config import organisation_sign_in
from plans.common.security_log import log_event
from plans.models import Plan


def person_of(claims, request):
    """Return the active person of these claims, linked and with their role. Raise `SignInProblem` if there is none."""
    role = role_of(claims)
    if settings.OIDC.roles and role is None:
        withdraw_roles(claims, request)
        raise SignInProblem(Problem.NO_ROLE, email=shown_email(claims))

    user = linked_person(claims)
    if user is None or (role is not None and user.roles != [role]):
        with transaction.atomic():
            # Plans before people, as everywhere. So one sign-in at a time links or adds somebody.
            Plan.objects.lock_all()
            user = linked_person(claims) or link_person(claims, role, request)
            if role is not None and user.is_active:
                give_role(user, role, request)

    if not user.is_active:
        raise SignInProblem(Problem.UNKNOWN, "deactivated", shown_email(claims))
    return user


def linked_person(claims):
    """Return the person who is linked to these claims, or None."""
    links = SocialAccount.objects.filter(provider=settings.OIDC.url, uid=claims["sub"])
    link = links.select_related("user").first()
    return link and link.user


def link_person(claims, role, request):
    """Return the person with the verified address, now linked to `sub`; a new one, if there is none but a role."""
    email = verified_email(claims)
    if not email:
        raise SignInProblem(Problem.UNVERIFIED, email=shown_email(claims))
    # The row is locked, since without a plan the lock of all plans locks nothing.
    user = User.objects.select_for_update().filter(email=email).first()
    if user is None and role is None:
        raise SignInProblem(Problem.UNKNOWN, "no account", email)
    if user is None:
        user = add_person(email, claims, role, request)
    elif linked_person(claims) == user:  # by a sign-in at the same time
        return user
    elif SocialAccount.objects.filter(provider=settings.OIDC.url, user=user).exists():
        raise SignInProblem(Problem.OTHER_ACCOUNT, f"of {user.pk}", email)

    if user.is_active:
        SocialAccount.objects.create(provider=settings.OIDC.url, uid=claims["sub"], user=user)
        log_event("linked to the organisation's sign-in", request, account=user.pk)
    return user


def add_person(email, claims, role, request):
    """Return a new person. Their name is the provider's, or else the address."""
    name = claims.get("name")
    try:
        name = name if isinstance(name, str) and name.strip() else email
        user = User.objects.create_user(email, name=name[:150], role=role)
    except ValidationError as error:
        raise SignInProblem(Problem.UNKNOWN, "a name or address that cannot be stored", email) from error
    Plan.objects.raise_reporting_revisions()
    log_event("person added", request, account=user.pk, role=role.value, by="claim")
    return user


def role_of(claims):
    """Return the highest of the roles that the claim gives, or None."""
    values = claims.get(settings.OIDC.roles_claim)
    values = values if isinstance(values, list) else [values]
    given = {settings.OIDC.roles[value] for value in values if isinstance(value, str) and value in settings.OIDC.roles}
    return ROLES[max(given, key=organisation_sign_in.ROLES.index)] if given else None


def withdraw_roles(claims, request):
    """Take the roles from a linked person whom the claim gives none any more, and end their sessions."""
    user = linked_person(claims)
    if user is None or not user.roles:
        return
    with transaction.atomic():
        Plan.objects.lock_all()
        give_role(user, None, request)
    if not user.roles:
        end_sessions(request, UserSession.objects.filter(user=user))


def give_role(user, role, request):
    """Give a person this role alone, or none, unless the tracker would be left without an administrator.

    The caller has locked all plans, as the admin does before it changes people.
    """
    if user.roles == ([role] if role else []):
        return
    if role != Role.ADMINISTRATORS and list(User.objects.administrators()) == [user]:
        log_event("the last administrator keeps the role", request, account=user.pk, claim=role and role.value)
        return
    Plan.objects.raise_reporting_revisions()
    user.groups.set(Group.objects.filter(name=role))
    if role != Role.REGIONAL_SECRETARIES and user.region_id:
        user.region = None
        user.save(update_fields=["region"])
    user.__dict__.pop("roles", None)  # of before
    log_event("person changed", request, account=user.pk, role=role and role.value, by="claim")


def shown_email(claims):
    """Return the address of the claims, to be shown to whom they are about."""
    email = claims.get("email")
    return email[:254] if isinstance(email, str) else ""
