from django.contrib import admin

from plans.models import ActionLine, Measure, Organisation, Plan, SustainableDevelopmentGoal, Theme


class BumpsPlans(admin.ModelAdmin):
    """Tells the plans that show a row when it changes. `plans_lookup` finds them from that row."""

    plans_lookup = None

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        Plan.objects.bump(**{self.plans_lookup: form.instance})

    def delete_model(self, request, obj):
        Plan.objects.bump(**{self.plans_lookup: obj})
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        Plan.objects.bump(**{f"{self.plans_lookup}__in": list(queryset)})
        super().delete_queryset(request, queryset)


@admin.register(Organisation)
class OrganisationAdmin(BumpsPlans):
    plans_lookup = "organisation"
    list_display = ["name", "full_name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(SustainableDevelopmentGoal)
class GoalAdmin(BumpsPlans):
    plans_lookup = "goals"
    list_display = ["number", "title"]
    list_display_links = ["title"]


@admin.register(Theme)
class ThemeAdmin(BumpsPlans):
    plans_lookup = "action_lines__measures__themes"
    list_display = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}


class ActionLineInline(admin.TabularInline):
    model = ActionLine
    extra = 0
    show_change_link = True


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin):
    list_display = ["slug", "title", "starts_on", "ends_on", "visibility"]
    readonly_fields = ["revision", "history_length", "history_head"]
    filter_horizontal = ["goals"]
    inlines = [ActionLineInline]

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        Plan.objects.bump(pk=form.instance.pk)


class MeasureInline(admin.TabularInline):
    model = Measure
    fields = ["number", "statement"]
    extra = 0
    show_change_link = True


@admin.register(ActionLine)
class ActionLineAdmin(BumpsPlans):
    plans_lookup = "action_lines"
    list_display = ["code", "title", "plan"]
    list_display_links = ["title"]
    list_select_related = ["plan"]
    list_filter = ["plan"]
    search_fields = ["title"]
    inlines = [MeasureInline]


@admin.register(Measure)
class MeasureAdmin(BumpsPlans):
    plans_lookup = "action_lines__measures"
    list_display = ["code", "statement"]
    list_display_links = ["statement"]
    list_select_related = ["action_line__plan"]
    list_filter = ["action_line__plan", "action_line", "themes"]
    search_fields = ["statement"]
    filter_horizontal = ["themes"]
