from django.urls import path, register_converter

from deliverables import takedown, todo, views
from deliverables.plan_editing import meeting_views as meetings
from deliverables.plan_editing import views as edit
from deliverables.recording import bulk_views, file_views
from deliverables.recording import proposal_views as proposals
from deliverables.recording import views as recording
from plans.codes import DeliverableCode, PartCode

register_converter(DeliverableCode, "deliverable")
register_converter(PartCode, "part")

LIST = "plans/<slug:slug>/deliverables/"
EDIT = "plans/<slug:slug>/edit/"
PART = EDIT + "<part:code>/"
PROPOSAL = "plans/<slug:slug>/proposals/<uuid:key>/"
ONE = "plans/<slug:slug>/<deliverable:code>/"

urlpatterns = [
    path(LIST, views.deliverable_list, name="deliverables"),
    path(LIST + "bulk/", bulk_views.bulk_update, name="bulk_update"),
    path(LIST + "bulk/record/", bulk_views.apply_bulk, name="apply_bulk"),
    path(LIST + "bulk/recorded/", bulk_views.bulk_recorded, name="bulk_recorded"),
    path("plans/<slug:slug>/files/", file_views.upload_file, name="upload_file"),
    path("plans/<slug:slug>/todo/", todo.todo, name="todo"),
    path(ONE, views.deliverable_detail, name="deliverable"),
    path(ONE + "form/", recording.status_form, name="status_form"),
    path(ONE + "status/", recording.record_status, name="record_status"),
    path(ONE + "propose/", proposals.propose, name="propose"),
    path(PROPOSAL, proposals.proposal_page, name="proposal"),
    path(PROPOSAL + "accept/", proposals.accept_proposal, name="accept_proposal"),
    path(PROPOSAL + "send-back/", proposals.send_back, name="send_back"),
    path(PROPOSAL + "withdraw/", proposals.withdraw_proposal, name="withdraw_proposal"),
    path(ONE + "entries/<int:sequence>/take-down/", takedown.take_down, name="take_down"),
    path(ONE + "confirm/", recording.confirm_status, name="confirm_status"),
    path("plans/<slug:slug>/amendments/", edit.amendments, name="amendments"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/add/", meetings.add_meeting, name="add_meeting"),
    path("meetings/<uuid:key>/", meetings.edit_meeting, name="edit_meeting"),
    path("meetings/<uuid:key>/remove/", meetings.remove_meeting, name="remove_meeting"),
    path("plans/new/", edit.new_plan, name="new_plan"),
    path(EDIT, edit.outline, name="edit_plan"),
    path(EDIT + "plan/", edit.edit_settings, name="edit_settings"),
    path(EDIT + "themes/", edit.edit_themes, name="edit_themes"),
    path(EDIT + "add/", edit.add_part, name="add_line"),
    path(PART, edit.edit_part, name="edit_part"),
    path(PART + "add/", edit.add_part, name="add_part"),
    path(PART + "people/", edit.edit_people, name="edit_people"),
    path(PART + "move/", edit.move_part, name="move_part"),
    path(PART + "remove/", edit.remove_part, name="remove_part"),
    path(EDIT + "<deliverable:code>/withdraw/", edit.withdraw_part, name="withdraw_part"),
    path(EDIT + "<deliverable:code>/reinstate/", edit.reinstate_part, name="reinstate_part"),
]
