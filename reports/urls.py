from django.urls import path, register_converter

from plans.codes import LineCode, MeasureCode
from reports import views

register_converter(LineCode, "line")
register_converter(MeasureCode, "measure")

urlpatterns = [
    path("", views.home, name="home"),
    path("plans/", views.plan_list, name="plans"),
    path("plans/<slug:slug>/", views.overview, name="overview"),
    path("plans/<slug:slug>/<line:code>/", views.action_line, name="action_line"),
    path("plans/<slug:slug>/<measure:code>/", views.measure, name="measure"),
    path("plans/<slug:slug>/changes/", views.changes, name="changes"),
    path("plans/<slug:slug>/changes.atom", views.changes_feed, name="changes_feed"),
    path("plans/<slug:slug>/history.json", views.history, name="history"),
    path("plans/<slug:slug>/reports/", views.reports, name="reports"),
    path("plans/<slug:slug>/summary.<str:extension>", views.download, name="summary"),
]
