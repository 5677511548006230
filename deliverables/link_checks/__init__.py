"""Checks whether the links of evidence still lead to a page.

`manage.py check_links` runs it, where the setting CHECK_LINKS switches it on. Anybody who may record a status can make
the tracker ask a server of their choice in this way (server-side request forgery), so `fetching` asks public addresses
alone.
"""
