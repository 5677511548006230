"""The admin of organisations, goals and themes; plans and their parts are read-only here."""

from django.contrib import admin
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plans.models import ActionLine, Measure, Meeting, Organisation, Plan, Region, SustainableDevelopmentGoal, Theme


class StructureAdmin(admin.ModelAdmin):
    """An admin of objects that plans show. Every change raises the revision of these plans, found by `plans_lookup`.

    The plans are updated, and so locked, before the object is written: recording a status takes its locks in the same
    order, so the two cannot deadlock.
    """

    plans_lookup = None

    def save_model(self, request, obj, form, change):
        if not change:
            return super().save_model(request, obj, form, change)

        self.raise_revision([obj])
        many_to_many = {field.name for field in obj._meta.many_to_many}
        return obj.save(update_fields=[name for name in form.changed_data if name not in many_to_many])

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if not change:
            self.raise_revision([form.instance])

    def delete_model(self, request, obj):
        self.raise_revision([obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        with transaction.atomic():  # unlike the other views of the admin, its actions open none
            self.raise_revision(list(queryset))
            super().delete_queryset(request, queryset)

    def raise_revision(self, objects):
        Plan.objects.raise_revision(**{f"{self.plans_lookup}__in": [obj.pk for obj in objects]})


@admin.register(Organisation)
class OrganisationAdmin(StructureAdmin):
    plans_lookup = "organisation"
    list_display = ["name", "full_name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(SustainableDevelopmentGoal)
class GoalAdmin(StructureAdmin):
    plans_lookup = "goals"
    list_display = ["number", "title"]
    list_display_links = ["title"]


@admin.register(Theme)
class ThemeAdmin(StructureAdmin):
    plans_lookup = "action_lines__measures__themes"
    list_display = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Meeting)
class MeetingAdmin(StructureAdmin):
    plans_lookup = "organisation__meetings"
    list_display = ["name", "place", "held_on", "organisation"]
    list_select_related = ["organisation"]

    def get_readonly_fields(self, request, obj=None):
        return ["organisation"] if obj else []  # the amendments that name it are those of the organisation's plans


@admin.register(Region)
class RegionAdmin(StructureAdmin):
    plans_lookup = "organisation__regions"
    list_display = ["name", "slug", "organisation"]
    list_select_related = ["organisation"]
    prepopulated_fields = {"slug": ["name"]}

    def get_readonly_fields(self, request, obj=None):
        return ["organisation", "slug"] if obj else []  # other pages may link to its address

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    def has_delete_permission(self, request, obj=None):
        """Refuse to delete a region that people, deliverables or reports belong to: it would vanish from them."""
        return super().has_delete_permission(request, obj) and not (obj and obj.is_used)

    def get_actions(self, request):
        return {}  # no deletion in bulk, which asks nobody whether a region is used


class ReadOnlyAdmin(admin.ModelAdmin):
    """An admin without editing: these objects change only through the tracker's own pages, which record history."""

    @admin.display(description=_("Code"))
    def code(self, part):
        return part.code

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    list_display = ["slug", "title", "starts_on", "ends_on", "visibility"]


@admin.register(ActionLine)
class ActionLineAdmin(ReadOnlyAdmin):
    list_display = ["code", "title", "plan"]
    list_display_links = ["title"]
    list_select_related = ["plan"]
    list_filter = ["plan"]
    search_fields = ["title"]


@admin.register(Measure)
class MeasureAdmin(ReadOnlyAdmin):
    list_display = ["code", "statement"]
    list_display_links = ["statement"]
    list_select_related = ["action_line__plan"]
    list_filter = ["action_line__plan", "action_line", "themes"]
    search_fields = ["statement"]
