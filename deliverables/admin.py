"""Read-only admin of deliverables, status updates and amendments, to look them up."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from deliverables.models import Amendment, Deliverable, StatusUpdate
from plans.admin import ReadOnlyAdmin
from plans.codes import Code


@admin.register(Deliverable)
class DeliverableAdmin(ReadOnlyAdmin):
    list_display = ["code", "title", "status", "status_on", "responsible", "due_on"]
    list_display_links = ["title"]
    list_select_related = ["measure__action_line__plan", "responsible"]
    list_filter = ["measure__action_line__plan", "status", "measure__action_line"]
    search_fields = ["title"]

    def get_search_results(self, request, queryset, search_term):
        if code := Code.parse(search_term):
            return queryset.within(code), False
        return super().get_search_results(request, queryset, search_term)


@admin.register(StatusUpdate)
class StatusUpdateAdmin(ReadOnlyAdmin):
    list_display = ["sequence", "about", "status", "effective_on", "recorded_at", "recorded_by_name"]
    list_select_related = ["deliverable__measure__action_line__plan"]
    list_filter = ["plan", "status"]
    search_fields = ["note", "deliverable__title"]

    @admin.display(description=_("Deliverable"))
    def about(self, update):
        return update.deliverable


@admin.register(Amendment)
class AmendmentAdmin(ReadOnlyAdmin):
    list_display = ["sequence", "code", "kind", "in_force_on", "recorded_at", "recorded_by_name"]
    list_filter = ["plan", "kind"]
    search_fields = ["before", "after", "decision"]
