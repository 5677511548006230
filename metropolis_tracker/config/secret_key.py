import contextlib
import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def secret_key(path: Path) -> str:
    """Return the secret stored in `path`, generated on first use and readable for its owner alone.

    Several processes may start at once. `os.link` is atomic and fails if the file exists, so all read the same secret.
    """
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(get_random_secret_key())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()

    return path.read_text()
