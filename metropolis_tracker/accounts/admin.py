from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from deliverables.plan_editing.hand_over import hand_over, to_hand_over
from metropolis_tracker.accounts.invitations import invite_later
from metropolis_tracker.accounts.links import one_time_link
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.person_form import PersonForm
from metropolis_tracker.accounts.roles import Role
from metropolis_tracker.accounts.sending import delivers_mail
from plans.common.dates import date_format
from plans.common.security_log import log_event
from plans.models import Plan
from reports.mail.models import has_valid_address


class RoleFilter(admin.SimpleListFilter):
    title, parameter_name = _("role"), "role"

    def lookups(self, request, model_admin):
        return Role.choices

    def queryset(self, request, queryset):
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


class SignedInFilter(admin.SimpleListFilter):
    title, parameter_name = _("signed in"), "signed_in"

    def lookups(self, request, model_admin):
        return [("never", _("never"))]

    def queryset(self, request, queryset):
        return queryset.filter(last_login=None) if self.value() else queryset


@admin.register(User)
@method_decorator(reauthentication_required, name="add_view")
@method_decorator(reauthentication_required, name="change_view")
@method_decorator(reauthentication_required(allow_get=True), name="changelist_view")
class UserAdmin(admin.ModelAdmin):
    """The admin of people: role, activation, invitations, second factors and sessions. Nobody is deleted.

    Whoever changes people proves first who they are, unless they have just done so: see `AccountAdapter`.
    """

    form = PersonForm
    fields = ["name", "email", "role", "region", "deputy", "language", "is_active"]
    list_display = ["name", "email", "accepts_mail", "roles", "is_active", "signed_in"]
    list_filter = [RoleFilter, "region", "is_active", SignedInFilter]
    search_fields = ["name", "email"]
    actions = ["send_invitations", "show_one_time_links", "remove_second_factors", "remove_links",
               "end_sessions", "write_again"]  # fmt: skip

    def get_queryset(self, request):
        """Return the people that this administrator may edit. Only a superuser may edit a superuser.

        Otherwise an administrator could take over a superuser's account with a new e-mail or a one-time link.
        """
        people = super().get_queryset(request).prefetch_related("groups").annotate(has_valid=has_valid_address())
        return people if request.user.is_superuser else people.filter(is_superuser=False)

    @admin.display(description=_("address accepts e-mails"), boolean=True)
    def accepts_mail(self, user):
        """Return False where a mail server has refused the address for good: nothing more is sent to it."""
        return user.has_valid

    @admin.display(description=_("last signed in"), ordering="last_login")
    def signed_in(self, user):
        """Return when somebody last signed in; of those who never did, whether they were invited."""
        if user.last_login:
            return date_format(user.last_login)
        if user.invitation_failed:
            return _("Never. The invitation could not be sent.")
        return _("Never. Invited on %s.") % date_format(user.invited_at) if user.invited_at else _("Never")

    def get_fields(self, request, obj=None):
        """Return the fields, with the choice of who takes over where there is something to hand over."""
        has_some = obj and to_hand_over(obj, timezone.localdate()).exists()
        offered = ["hand_over_to", "shown"] if has_some or request.POST.get("hand_over_to") else []
        return [*self.fields, *offered]

    @admin.display(description=_("role"))
    def roles(self, user):
        return ", ".join(str(Role(group.name).label) for group in user.groups.all())

    def save_model(self, request, obj, form, change):
        """Save a person with their role, and what follows from it. Log the change. Invite a new person."""
        if not change:
            obj.set_unusable_password()
        # Plans before people, so that all take their locks in the same order.
        if form.cleaned_data.get("hand_over_to", "") != "":
            self.hand_over(request, obj, form.cleaned_data["hand_over_to"])
        if "name" in form.changed_data:
            Plan.objects.raise_revision(action_lines__measures__deliverables__responsible=obj.pk)
        Plan.objects.raise_reporting_revisions()
        super().save_model(request, obj, form, change)
        obj.groups.set([form.cleaned_data["role"]])

        if not change or form.changed_data:
            details = {"role": form.cleaned_data["role"].name, "active": obj.is_active, "fields": form.changed_data}
            log_event("person changed" if change else "person added", request, account=obj.pk, **details)

        if "email" in form.changed_data:
            obj.emailaddress_set.all().delete()  # allauth stores the old address too and would still accept it
        if change and "is_active" in form.changed_data and not obj.is_active:
            end_sessions_of(obj)  # they are refused already, but would be let in again with the account
        if not change and obj.is_active:
            self.invite(request, obj)

    def hand_over(self, request, person, to):
        """Hand over a person's deliverables, which the form has locked, and tell how many there were."""
        number = hand_over(person, to, on=timezone.localdate())
        log_event("deliverables handed over", request, account=person.pk, to=to.pk if to else "nobody", number=number)
        if number:
            text = ngettext(
                "One deliverable was handed over to %(name)s.",
                "%(number)d deliverables were handed over to %(name)s.",
                number,
            )
            if to is None:
                text = ngettext(
                    "Nobody is responsible for one deliverable now.",
                    "Nobody is responsible for %(number)d deliverables now.",
                    number,
                )
            messages.success(request, text % {"number": number, "name": to and to.name})

    @admin.action(description=_("Send an invitation again"), permissions=["change"])
    def send_invitations(self, request, queryset):
        """Send those who have never signed in another invitation, with a new link."""
        for user in queryset:
            if not user.is_active:
                messages.warning(request, _("%s is not active. Nothing was sent.") % user.name)
            elif user.last_login:
                text = _("%s has signed in before and can ask for a new password when signing in. Nothing was sent.")
                messages.warning(request, text % user.name)
            else:
                self.invite(request, user)

    @admin.action(description=_("Show a one-time link to choose a password"), permissions=["change"])
    def show_one_time_links(self, request, queryset):
        for user in queryset.filter(is_active=True):
            self.show_link(request, user)

    @admin.action(description=_("Remove the second factors of someone who lost them"), permissions=["change"])
    def remove_second_factors(self, request, queryset):
        for user in queryset:
            Authenticator.objects.filter(user=user).delete()
            self.log_change(request, user, "Removed the second factors.")
            log_event("second factors removed by an administrator", request, account=user.pk)
            text = _("%s can now sign in with the password alone and set up a new second factor.")
            messages.info(request, text % user.name)

    def get_actions(self, request):
        """Return the actions, with that for links to the organisation's sign-in only where it is on."""
        actions = super().get_actions(request)
        if not settings.OIDC:
            actions.pop("remove_links", None)
        return actions

    @admin.action(description=_("Remove the link to the account of the organisation"), permissions=["change"])
    def remove_links(self, request, queryset):
        """Let people be linked again at their next sign-in: after their account there was made anew."""
        for user in queryset:
            user.socialaccount_set.all().delete()
            end_sessions_of(user)
            self.log_change(request, user, "Removed the link to the account of the organisation.")
            log_event("link to the organisation's sign-in removed", request, account=user.pk)
            text = _("%s is linked again when they next sign in, by their e-mail address.")
            messages.info(request, text % user.name)

    @admin.action(description=_("End the sessions"), permissions=["change"])
    def end_sessions(self, request, queryset):
        for user in queryset:
            end_sessions_of(user)
            self.log_change(request, user, "Ended the sessions.")
            log_event("sessions ended by an administrator", request, account=user.pk)
            messages.info(request, _("%s has been signed out everywhere.") % user.name)

    @admin.action(description=_("Send e-mails to the address again"), permissions=["change"])
    def write_again(self, request, queryset):
        """Clear the mark of an address that a mail server has refused, such as by mistake."""
        for user in queryset.filter(has_valid=False):
            user.messages.update(refused_address="")
            self.log_change(request, user, "Sends e-mails to the address again.")
            messages.info(request, _("%s gets e-mails again.") % user.name)

    def invite(self, request, user):
        """Send a person an invitation. Where no mail is sent at all, show the administrator the link instead."""
        if not delivers_mail():
            text = _("The tracker has no mail server (EMAIL_URL), so %s was not sent an invitation.")
            messages.warning(request, text % user.name)
            self.show_link(request, user)
            return

        invite_later(user, by=request.user)
        log_event("invitation sent", request, account=user.pk)
        text = _(
            "An invitation was sent to %(name)s, %(email)s. If it does not arrive within some minutes, choose"
            " “Show a one-time link to choose a password” in the list of people, and send them that link yourself."
        )
        messages.success(request, text % {"name": user.name, "email": user.email})

    def show_link(self, request, user):
        """Show a person's one-time link as a message, and log that it was shown."""
        log_event("one-time link shown", request, account=user.pk)
        text = _("Send this link to %(name)s. It works once and expires in three days: %(link)s")
        messages.info(request, text % {"name": user.name, "link": one_time_link(user)})

    def has_delete_permission(self, request, obj=None):
        return False


def end_sessions_of(user):
    for session in UserSession.objects.filter(user=user):
        session.end()
