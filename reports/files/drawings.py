"""Drawings as SVG, for covers, the brief and the thumbnail of an edition: the skyline, the chart and the QR code."""

import io
from functools import lru_cache

import segno

from deliverables.status import Status
from reports.files.palette import COVER


def skyline_svg(skyline):
    """Return the skyline on a dark cover: full blocks are attained, half ones in progress, crossed ones not developed.

    It is one path for each kind of stroke, since a plan may have hundreds of blocks.
    """
    width, height = skyline.width, skyline.height
    full, half, frames, crosses, pale = [], [], [], [], []
    for block in skyline.blocks:
        if block.status is Status.ATTAINED:
            full.append(rectangle(block))
        elif block.status is Status.IN_PROGRESS:
            frames.append(rectangle(block, inset=0.05))
            half.append(lower_half(block))
        elif block.status is Status.NOT_DEVELOPED:
            crosses.append(rectangle(block, inset=0.05) + cross(block))
        else:
            pale.append(rectangle(block, inset=0.05))

    paths = [
        path(full, f'fill="{COVER["ink"]}"'),
        path(half, f'fill="{COVER["in_progress"]}"'),
        path(frames, f'fill="none" stroke="{COVER["in_progress"]}" stroke-width=".1"'),
        path(crosses, f'fill="none" stroke="{COVER["not_developed"]}" stroke-width=".1"'),
        path(pale, f'fill="none" stroke="{COVER["no_status"]}" stroke-width=".1"'),
    ]
    box = f"0 0 {width:.2f} {height:.2f}"
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{"".join(paths)}</svg>'


def path(shapes, paint):
    return f'<path d="{"".join(shapes)}" {paint}/>' if shapes else ""


def rectangle(block, inset=0.0):
    width, height = block.width - 2 * inset, block.height - 2 * inset
    return f"M{block.x + inset:.2f} {block.y + inset:.2f}h{width:.2f}v{height:.2f}h-{width:.2f}z"


def lower_half(block):
    half = block.height / 2
    return f"M{block.x:.2f} {block.y + half:.2f}h{block.width:.2f}v{half:.2f}h-{block.width:.2f}z"


def cross(block):
    """Return a small cross in the middle of a block."""
    x, y, arm = block.x + block.width / 2, block.y + block.height / 2, min(0.18, block.height / 5)
    return f"M{x - arm:.2f} {y - arm:.2f}l{2 * arm:.2f} {2 * arm:.2f}m0 -{2 * arm:.2f}l-{2 * arm:.2f} {2 * arm:.2f}"


@lru_cache(maxsize=100)
def qr_svg(url):
    """Return the QR code of an address, dark on light, with the quiet zone that scanners need."""
    file = io.BytesIO()
    code = segno.make(url, micro=False, error="m")
    code.save(file, kind="svg", xmldecl=False, light="#fff", dark="#14171a", border=3, omitsize=True)
    return file.getvalue().decode()


def planned_svg(chart, palette):
    """Return the lines of a `PlannedChart`, to be stretched to any size: what was due, was attained and will be due."""
    lines = [
        (chart.due_line, palette["ink-soft"], 0.8),
        (chart.line_ahead, palette["edge"], 0.6),
        (chart.attained_line, palette["attained"], 1.6),
    ]
    paths = "".join(
        f'<path d="{line}" fill="none" stroke="{colour}" stroke-width="{width}" vector-effect="non-scaling-stroke"/>'
        for line, colour, width in lines
        if line
    )
    scale = "".join(
        f'<path d="M0 {chart.height_of(number)}H100" stroke="{palette["rule"]}" stroke-width=".3"/>'
        for number, _height in chart.scale
    )
    box = 'viewBox="0 0 100 100" preserveAspectRatio="none"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="30" {box}>{scale}{paths}</svg>'
