from django.urls import path, register_converter

from plans.codes import LineCode, MeasureCode
from reports import views
from reports.editions import draft_views as drafts
from reports.editions import views as editions
from reports.editions import withdrawal_views
from reports.embed import embed
from reports.files import views as files
from reports.imports import views as imports
from reports.mail import views as mail
from reports.regions import views as regions
from reports.rounds import fill_in_views as fill_in
from reports.rounds import link_views as links
from reports.rounds import views as rounds
from reports.translating import views as translating

# The site includes `deliverables.urls` first, which registers "deliverable". Twice would be an error.
register_converter(LineCode, "line")
register_converter(MeasureCode, "measure")

EDITION = "plans/<slug:slug>/editions/<int:number>/"
IMPORT = "plans/<slug:slug>/import/"
ROUNDS = "plans/<slug:slug>/rounds/"
ROUND = ROUNDS + "<int:number>/"
REGION = "plans/<slug:slug>/regions/<slug:region>/"
NEXT_EDITION = "plans/<slug:slug>/editions/new/"

urlpatterns = [
    path("", views.home, name="home"),
    path("plans/", views.plan_list, name="plans"),
    path("plans/<slug:slug>/", views.overview, name="overview"),
    path("plans/<slug:slug>/<line:code>/", views.action_line, name="action_line"),
    path("plans/<slug:slug>/<measure:code>/", views.measure, name="measure"),
    path(REGION, regions.region_page, name="region"),
    path(REGION + "summary.<str:extension>", regions.region_file, name="region_file"),
    path(REGION + "calendar.ics", regions.region_calendar, name="region_calendar"),
    path(REGION + "to-fill-in.xlsx", fill_in.region_to_fill_in, name="region_to_fill_in"),
    path("plans/<slug:slug>/to-fill-in.xlsx", fill_in.plan_to_fill_in, name="plan_to_fill_in"),
    path("plans/<slug:slug>/mine/", rounds.my_reports, name="my_reports"),
    path(ROUNDS, rounds.rounds, name="rounds"),
    path(ROUNDS + "new/", rounds.open_round, name="open_round"),
    path(ROUND, rounds.round_page, name="round"),
    path(ROUND + "to-fill-in.xlsx", fill_in.round_to_fill_in, name="round_to_fill_in"),
    path(ROUND + "remind/", rounds.remind, name="remind"),
    path(ROUND + "reminder/", rounds.reminder_preview, name="reminder_preview"),
    path(ROUND + "extend/", rounds.extend_round, name="extend_round"),
    path(ROUND + "close/", rounds.end_round, name="close_round"),
    path("report/<str:token>/", links.report_by_link, name="report_by_link"),
    path("report/<str:token>/files/", links.upload_by_link, name="upload_by_link"),
    path("report/<str:token>/<deliverable:code>/", links.report_one_by_link, name="report_one_by_link"),
    path("report/<str:token>/withdraw/<uuid:key>/", links.withdraw_by_link, name="withdraw_by_link"),
    path("plans/<slug:slug>/changes/", views.changes, name="changes"),
    path("plans/<slug:slug>/changes.atom", files.changes_feed, name="changes_feed"),
    path("plans/<slug:slug>/changes.<str:extension>", files.comparison_file, name="comparison_file"),
    path("plans/<slug:slug>/calendar.ics", files.calendar, name="calendar"),
    path("plans/<slug:slug>/history.json", files.history, name="history"),
    path("plans/<slug:slug>/reports/", views.reports, name="reports"),
    path("plans/<slug:slug>/embed/", embed, name="embed"),
    path("plans/<slug:slug>/card.png", files.card, name="card"),
    path("plans/<slug:slug>/summary/", files.download, {"extension": "html"}, name="summary_page"),
    path("plans/<slug:slug>/summary.<str:extension>", files.download, name="summary"),
    path("plans/<slug:slug>/brief.<str:extension>", files.brief, name="brief"),
    path("plans/<slug:slug>/editions/current/", editions.current_edition, name="current_edition"),
    path(EDITION, editions.edition_page, name="edition"),
    path(EDITION + "withdraw/", withdrawal_views.withdraw_edition, name="withdraw_edition"),
    path(EDITION + "<slug:kind>.<str:extension>", editions.edition_document, name="edition_document"),
    path(NEXT_EDITION, drafts.edition_draft, name="edition_draft"),
    path(NEXT_EDITION + "check/", drafts.edition_check, name="edition_check"),
    path(NEXT_EDITION + "check/publish/", drafts.publish_edition, name="publish_edition"),
    path(NEXT_EDITION + "<slug:kind>.<str:extension>", drafts.edition_preview, name="edition_preview"),
    path(
        "plans/<slug:slug>/edit/translations/<str:language>/", translating.edit_translations, name="edit_translations"
    ),
    path(IMPORT, imports.upload, name="import"),
    path(IMPORT + "template-<slug:kind>.<str:extension>", imports.template, name="import_template"),
    path(IMPORT + "<uuid:key>/", imports.preview, name="import_preview"),
    path(IMPORT + "<uuid:key>/columns/", imports.columns, name="import_columns"),
    path(IMPORT + "<uuid:key>/apply/", imports.apply_import, name="apply_import"),
    path("plans/<slug:slug>/follow/", mail.follow, name="follow"),
    path("mail/", mail.mail, name="mail"),
    path("mail/deputy/", mail.deputy, name="deputy"),
    path("mail/reminders/", mail.reminders, name="reminders"),
    path("mail/unsubscribe/<str:token>/", mail.unsubscribe, name="unsubscribe"),
    path("mail/stop/<str:token>/", mail.unsubscribe),  # in mails sent before release 1.0; mail programs post there
    path("verify/", editions.verify, name="verify"),
    path("data/", files.data, name="data"),
    path("data/summary.schema.json", files.schema, name="schema"),
]
