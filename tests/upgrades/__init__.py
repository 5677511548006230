"""Databases of earlier releases, and the tests that upgrade them.

`stored/` has two databases of each release from 1.0.0 on, SQLite and PostgreSQL, with what content/ puts into them, and
the digests that their histories had then. They were made by the code and the packages of these releases: see store.py,
which makes those of the next one. They are never made again.
"""
