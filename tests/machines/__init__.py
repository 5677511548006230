"""Several machines, all on loopback: what docs/operating.md says of them, tried.

A primary of PostgreSQL with a standby, Redis, an SMTP server, two trackers of two workers each, and nginx before them
with docs/operating/nginx.conf. Each scenario has a twin that is broken on purpose, which it must catch.
"""
