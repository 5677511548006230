from django.contrib import admin

from deliverables.models import Deliverable
from deliverables.updates import StatusUpdate
from plans.admin import StructureAdmin
from plans.codes import Code


@admin.register(Deliverable)
class DeliverableAdmin(StructureAdmin):
    """Edits what was promised. The status is read-only: it changes through `Deliverable.record` alone."""

    plans_lookup = "action_lines__measures__deliverables"
    parent = "measure"
    list_display = ["code", "title", "status", "status_on", "responsible", "due_on"]
    list_display_links = ["title"]
    list_select_related = ["measure__action_line__plan", "responsible"]
    list_filter = ["measure__action_line__plan", "status", "measure__action_line"]
    search_fields = ["title"]
    autocomplete_fields = ["measure", "responsible"]
    readonly_fields = ["key", "status", "status_on"]

    def get_search_results(self, request, queryset, search_term):
        if code := Code.parse(search_term):
            return queryset.within(code), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(StatusUpdate)
class StatusUpdateAdmin(admin.ModelAdmin):
    """The history, to be read. Nobody adds to it, changes it or takes from it here."""

    list_display = ["sequence", "deliverable", "status", "effective_on", "recorded_at", "recorded_by_name"]
    list_select_related = ["deliverable__measure__action_line__plan"]
    list_filter = ["plan", "status"]
    search_fields = ["note", "deliverable__title"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
