"""The sizes that uploads may have, in bytes: one place for the code, its messages and the nginx example."""

MEGABYTE = 1_000_000
FORM = 2_500_000  # a form without a file; ours are far smaller
IMPORT = 5 * MEGABYTE  # a spreadsheet
DOCUMENT = 20 * MEGABYTE  # a file to verify; our documents are far smaller
EVIDENCE = 20 * MEGABYTE  # a file that shows what was done, before and after it is cleaned
EXPLAINED_LIMIT = 10 * MEGABYTE  # an import up to this size comes back as its page, which says what the limit is
DISCARDED = 100 * MEGABYTE  # of what is too large: read, so that the browser gets to see why it was refused
OVERHEAD = 100_000  # what a browser may send around a file, or around the fields of a form


def megabytes(limit):
    """Return a limit as its messages say it: `5` for 5 MB."""
    return limit // MEGABYTE
