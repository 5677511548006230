"""A QR code for slides and paper: whoever sees it in a room opens the page that it names."""

import io

import segno


def qr_png(url):
    """Return the QR code of an address as a PNG, with the margin that readers need around it."""
    file = io.BytesIO()
    segno.make(url, error="m", micro=False).save(file, kind="png", scale=8, border=3)
    return file.getvalue()
