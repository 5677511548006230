"""The admin has no pages for links to the organisation: who adds one by hand gives a stranger an account."""


def test_nothing_of_the_organisation_is_in_the_admin(tracker):
    code = "from django.contrib.admin import site; print(*sorted({model._meta.app_label for model in site._registry}))"
    apps = tracker.run(code).split()
    assert ("accounts" in apps, "socialaccount" in apps) == (True, False)
