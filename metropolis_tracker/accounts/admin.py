from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from metropolis_tracker.accounts.links import one_time_link
from metropolis_tracker.accounts.models import User
from metropolis_tracker.accounts.roles import Role
from plans.common.security_log import log_event
from plans.models import Plan
from reports.mail.models import has_valid_address


class RoleField(forms.ModelChoiceField):
    """A choice of role, shown under its translated label."""

    def label_from_instance(self, obj):
        return Role(obj.name).label


class PersonForm(forms.ModelForm):
    """The form for a person and their role. It has no password: people choose their own through a one-time link."""

    role = RoleField(
        Group.objects.filter(name__in=Role.values), label=_("Role"), help_text=_("What they may read and do.")
    )

    class Meta:
        model = User
        fields = ["name", "email", "language", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["role"] = self.instance.groups.first()

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean(self):
        """Refuse to leave the tracker without an active administrator: only administrators can add people."""
        is_administrator = str(self.cleaned_data.get("role")) == Role.ADMINISTRATORS
        may_administer = self.cleaned_data.get("is_active") and is_administrator
        if not may_administer and list(User.objects.administrators()) == [self.instance]:
            raise forms.ValidationError(_("This is the last administrator. Give somebody else the role first."))


class RoleFilter(admin.SimpleListFilter):
    title, parameter_name = _("role"), "role"

    def lookups(self, request, model_admin):
        return Role.choices

    def queryset(self, request, queryset):
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
@method_decorator(reauthentication_required, name="add_view")
@method_decorator(reauthentication_required, name="change_view")
@method_decorator(reauthentication_required(allow_get=True), name="changelist_view")
class UserAdmin(admin.ModelAdmin):
    """The admin of people: role, activation, one-time links, second factors and sessions. Nobody is deleted.

    Whoever changes people proves first who they are, unless they have just done so: see `AccountAdapter`.
    """

    form = PersonForm
    fields = ["name", "email", "role", "language", "is_active"]
    list_display = ["name", "email", "accepts_mail", "roles", "is_active", "last_login"]
    list_filter = [RoleFilter, "is_active"]
    search_fields = ["name", "email"]
    actions = ["show_one_time_links", "remove_second_factors", "end_sessions", "write_again"]

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

    @admin.display(description=_("role"))
    def roles(self, user):
        return ", ".join(str(Role(group.name).label) for group in user.groups.all())

    def save_model(self, request, obj, form, change):
        """Save a person with their role, log the change, and show a new person's one-time link."""
        if not change:
            obj.set_unusable_password()
        if "name" in form.changed_data:  # before the person, so that all take their locks in the same order
            Plan.objects.raise_revision(action_lines__measures__deliverables__responsible=obj.pk)
        super().save_model(request, obj, form, change)
        obj.groups.set([form.cleaned_data["role"]])

        if not change or form.changed_data:
            details = {"role": form.cleaned_data["role"].name, "active": obj.is_active, "fields": form.changed_data}
            log_event("person changed" if change else "person added", request, account=obj.pk, **details)

        if "email" in form.changed_data:
            obj.emailaddress_set.all().delete()  # allauth stores the old address too and would still accept it
        if not change:
            self.show_link(request, obj)

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

    @admin.action(description=_("End the sessions"), permissions=["change"])
    def end_sessions(self, request, queryset):
        for session in UserSession.objects.filter(user__in=queryset):
            session.end()

        for user in queryset:
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

    def show_link(self, request, user):
        """Show a person's one-time link as a message, and log that it was shown."""
        log_event("one-time link shown", request, account=user.pk)
        text = _("Send this link to %(name)s. It works once and expires in three days: %(link)s")
        messages.info(request, text % {"name": user.name, "link": one_time_link(user)})

    def has_delete_permission(self, request, obj=None):
        return False
