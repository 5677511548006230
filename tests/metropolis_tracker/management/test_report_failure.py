from django.core import mail
from django.core.management import call_command


def test_the_administrator_is_told_which_unit_failed_and_where_to_look(db, settings, capsys):
    call_command("report_failure", "tracker-backup.service")
    (message,) = mail.outbox
    assert (message.to, message.subject) == (
        [settings.ADMIN_EMAIL],
        "Metropolis Tracker: tracker-backup.service has failed",
    )
    assert "journalctl --unit tracker-backup.service" in message.body
    assert settings.SITE_URL in message.body
