"""Rows that form a chain: the digest of each covers the one before, so that none can be changed or taken out unseen."""

import hashlib
import json


class Chained:
    """A row of a chain. It has a `content`, a dict of texts and nulls, which its digest covers."""

    def digest_after(self, previous_digest):
        """SHA-256, in hexadecimal, over the previous digest (empty for the first) and the canonical form."""
        return hashlib.sha256(previous_digest.encode() + self.canonical_form()).hexdigest()

    def canonical_form(self):
        """What the digest covers, as bytes: `content` as UTF-8 JSON, keys sorted, without blanks or escapes."""
        return json.dumps(self.content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
