from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from plans.models import ActionLine, Measure, Organisation, Plan, SustainableDevelopmentGoal, Theme


class StructureAdmin(admin.ModelAdmin):
    """Edits a part of what was promised, and tells the plans that show it; `plans_lookup` finds them from that part.

    The plans are bumped, and so locked, before the part is written: recording takes its locks in the same order.
    """

    plans_lookup = None

    def save_model(self, request, obj, form, change):
        if not change:
            return super().save_model(request, obj, form, change)
        self.bump([obj])
        many = {field.name for field in obj._meta.many_to_many}
        return obj.save(update_fields=[name for name in form.changed_data if name not in many])

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        if not change:
            self.bump([form.instance])

    def delete_model(self, request, obj):
        self.bump([obj])
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        self.bump(list(queryset))
        super().delete_queryset(request, queryset)

    def bump(self, parts):
        Plan.objects.bump(**{f"{self.plans_lookup}__in": [part.pk for part in parts]})


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


class ReadOnlyAdmin(admin.ModelAdmin):
    """What has a door of its own elsewhere is only looked at here."""

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
