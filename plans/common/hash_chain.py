"""A hash chain of rows: each digest covers the one before, so that no row can be changed or removed unnoticed.

Do not change `digest_after`, `canonical_form` or `salted_sha256`: every existing chain would then fail its
verification.
"""

import hashlib
import json
import secrets


def salted_sha256(text, salt):
    """Return the SHA-256 in hexadecimal of a salt followed by a text. Without the salt, nobody can guess the text."""
    return hashlib.sha256((salt + text).encode()).hexdigest()


class Chained:
    """A row of a hash chain. Subclasses define `content`, the dict of strings and None that the digest covers."""

    is_recomputable = True  # whether the digest can still be computed from the row

    def digest_after(self, previous_digest):
        """Return the SHA-256 in hexadecimal of the previous digest (empty for the first) and the canonical form."""
        return hashlib.sha256(previous_digest.encode() + self.canonical_form()).hexdigest()

    def canonical_form(self):
        """Return `content` as bytes: UTF-8 JSON with sorted keys, without spaces between tokens or Unicode escapes."""
        return json.dumps(self.content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def altered_texts(self):
        """Return the names of texts that are not what their hash in `content` says."""
        return []


class SaltedTexts:
    """A row with texts that can be taken down. The digest covers each by its salted hash, which stays.

    `salted_texts` names them. Beside each are the columns `{name}_salt` and `{name}_sha256`, empty for an empty text.
    """

    salted_texts = ()

    def seal(self):
        """Compute the salted hash of each text, before the row is saved."""
        for name in self.salted_texts:
            text = getattr(self, name)
            salt = secrets.token_hex(16) if text else ""
            setattr(self, f"{name}_salt", salt)
            setattr(self, f"{name}_sha256", salted_sha256(text, salt) if text else "")

    @property
    def texts_by_hash(self):
        """Return the texts that are there, each with its salt, by their salted hash."""
        return {
            getattr(self, f"{name}_sha256"): {"salt": getattr(self, f"{name}_salt"), "text": getattr(self, name)}
            for name in self.salted_texts
            if getattr(self, name)
        }

    def altered_columns(self):
        """Return the names of texts that are there and do not have their hash."""
        return [
            name
            for name in self.salted_texts
            if (text := getattr(self, name))
            and salted_sha256(text, getattr(self, f"{name}_salt")) != getattr(self, f"{name}_sha256")
        ]

    def missing_columns(self):
        """Return the names of texts that have a hash and are not there."""
        return [name for name in self.salted_texts if getattr(self, f"{name}_sha256") and not getattr(self, name)]
