"""The pages that every look goes over: what anyone may open, and what members and the secretariat do."""

PLAN = "/plans/2018-2020/"
DRAFT = "/plans/2021-2023/"  # a plan that nobody was promised: `new_plan(visibility=Visibility.DRAFT)`

OPEN = [
    "/plans/",
    PLAN,
    PLAN + "?as_of=2019-12-31",
    PLAN + "L1/",
    PLAN + "L1M3/",
    PLAN + "L2M5D1/",
    PLAN + "deliverables/",
    PLAN + "deliverables/?q=zeppelin",
    PLAN + "deliverables/?sort=bogus&status=done",
    PLAN + "changes/",
    PLAN + "changes/?from=2020-12-30&to=2020-12-31",
    PLAN + "changes/?from=soon",
    PLAN + "reports/",
    PLAN + "amendments/",
    PLAN + "summary/",
    "/verify/",
    "/verify/?hash=x",
    "/data/",
    "/help/",
    "/help/reader/",
    "/accessibility/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/nowhere/",
    PLAN + "?as_of=soon",
]
SIGNED_IN = [
    PLAN,
    PLAN + "L2M5D1/",
    PLAN + "deliverables/",
    PLAN + "deliverables/?withdrawn=1",
    PLAN + "deliverables/bulk/",
    PLAN + "deliverables/bulk/?row=L1M1D1&row=L2M5D1",
    PLAN + "todo/",
    PLAN + "todo/?who=me",
    PLAN + "changes/",
    PLAN + "editions/new/?languages=es&languages=fr",
    PLAN + "editions/new/?title=",
    PLAN + "edit/",
    PLAN + "edit/plan/",
    PLAN + "edit/themes/",
    PLAN + "edit/translations/es/",
    PLAN + "edit/L1M1/",
    PLAN + "edit/L1/people/",
    PLAN + "edit/add/",
    PLAN + "edit/L1M1D1/withdraw/",
    PLAN + "import/",
    DRAFT,
    DRAFT + "edit/",
    DRAFT + "edit/plan/",
    DRAFT + "edit/L1/remove/",
    "/plans/new/",
    "/mail/",
    "/help/secretariat/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/sessions/",
    "/accounts/reauthenticate/",
]


def in_language(path, language):
    """The same page in another language."""
    return f"/{language}{path}" if language != "en" else path
