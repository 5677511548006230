"""A hash chain of rows: each digest covers the one before, so that no row can be changed or removed unnoticed.

Do not change either method: every existing chain would then fail its verification.
"""

import hashlib
import json


class Chained:
    """A row of a hash chain. Subclasses define `content`, the dict of strings and None that the digest covers."""

    def digest_after(self, previous_digest):
        """Return the SHA-256 in hexadecimal of the previous digest (empty for the first) and the canonical form."""
        return hashlib.sha256(previous_digest.encode() + self.canonical_form()).hexdigest()

    def canonical_form(self):
        """Return `content` as bytes: UTF-8 JSON with sorted keys, without spaces between tokens or Unicode escapes."""
        return json.dumps(self.content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
