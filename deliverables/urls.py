from django.urls import path, register_converter

from deliverables import views
from plans.codes import DeliverableCode

register_converter(DeliverableCode, "deliverable")

urlpatterns = [
    path("plans/<slug:slug>/deliverables/", views.deliverable_list, name="deliverables"),
    path("plans/<slug:slug>/<deliverable:code>/", views.deliverable_detail, name="deliverable"),
    path("plans/<slug:slug>/<deliverable:code>/status/", views.record_status, name="record_status"),
    path("plans/<slug:slug>/<deliverable:code>/confirm/", views.confirm_status, name="confirm_status"),
]
