"""The pages of the organisation's sign-in, where it is on."""

from django.urls import path

from metropolis_tracker.accounts.organisation import views

# With the language before them, as all pages.
pages = [
    path("accounts/organisation/", views.start, name="organisation_sign_in"),
    path("accounts/organisation/reauthenticate/", views.reauthenticate, name="organisation_reauthenticate"),
]
# Registered at the provider, so the same in every language.
callback = path("accounts/organisation/callback/", views.callback, name="organisation_callback")
