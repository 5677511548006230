"""The small page of a plan's figures that other sites show in a frame: see `templates/reports/embed_code.html`."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from deliverables.status import Status
from plans.access import plan_and_date
from plans.page_cache import cached_page
from reports.figures.summary import summarise
from reports.files.html import policy_for, style_sheet

MAX_BLOCKS = 150  # in a frame 280 pixels wide, more blocks would be thinner than two pixels
BLOCK, STEP, HEIGHT = 7, 10, 20  # the width of a block, the distance to the next one, and their height, in SVG units


@dataclass(frozen=True)
class Blocks:
    """The blocks of one status as paths of SVG: their outlines, and their lower halves where those are filled."""

    status: Status
    outlines: str
    halves: str


@require_safe
@xframe_options_exempt
@cached_page("as_of")
def embed(request, slug):
    """Show the figures of a public plan in one response that loads nothing else, and that any site may frame.

    Everybody is answered as a visitor: see `metropolis_tracker.middleware.without_cookies`.
    """
    plan, as_of = plan_and_date(request, slug)
    summary = summarise(plan, as_of, today=timezone.localdate())
    counts = summary.counts

    context = {
        "plan": plan,
        "as_of": as_of,
        "summary": summary,
        "blocks": blocks_of(counts) if 0 < counts.total <= MAX_BLOCKS else [],
        "box_width": STEP * counts.total,
        "sheet": style_sheet("embed"),
    }
    content = render_to_string("reports/embed.html", context).encode()
    return HttpResponse(content, headers={"Content-Security-Policy": policy_for(content, framed_by="*")})


def blocks_of(counts):
    """Return the `Blocks` of each status, side by side in the order of the figures. One block is one outcome."""
    blocks, start = [], 0
    for part in counts.parts:
        places = [STEP * place for place in range(start, start + part.count)]
        outlines = "".join(f"M{x} 0h{BLOCK}v{HEIGHT}h-{BLOCK}z" for x in places)
        halves = "".join(f"M{x} {HEIGHT // 2}h{BLOCK}v{HEIGHT // 2}h-{BLOCK}z" for x in places)
        blocks.append(Blocks(part.status, outlines, halves if part.status is Status.IN_PROGRESS else ""))
        start += part.count
    return blocks
