"""Keep what the tracker stores from other users of the machine: passwords, drafts and plans that are not public."""

import os
import stat

from django.core.exceptions import ImproperlyConfigured


def open_private_folder(path):
    """Create the folder, or close an open one, so that its owner alone can read what is in it.

    Raise `ImproperlyConfigured` if it cannot be used. All files that this process creates are private, too.
    """
    os.umask(0o077)
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.stat().st_mode & stat.S_IWOTH:
            raise ImproperlyConfigured(
                f"Every user of this machine can write to the folder {path}. Set DATA_DIR to another folder."
            )
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise ImproperlyConfigured(f"The folder {path} cannot be used: {error.strerror}. {ADVICE}") from None
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"The folder {path} cannot be written to. {ADVICE}")


ADVICE = "Give it to the user who runs the tracker, or set DATA_DIR to another folder."
