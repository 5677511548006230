"""The small page of a plan's figures that other sites show in a frame: see `templates/reports/embed_code.html`."""

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from deliverables.units import MOST
from plans.access import plan_and_date
from plans.page_cache import cached_page
from reports.figures.summary import summarise
from reports.files.html import policy_for, style_sheet


@require_safe
@xframe_options_exempt
@cached_page("as_of")
def embed(request, slug):
    """Show the figures of a public plan in one response that loads nothing else, and that any site may frame.

    Everybody is answered as a visitor: see `metropolis_tracker.middleware.without_cookies`.
    """
    plan, as_of = plan_and_date(request, slug)
    summary = summarise(plan, as_of, today=timezone.localdate())

    context = {
        "plan": plan,
        "as_of": as_of,
        "summary": summary,
        "has_a_block_each": 0 < summary.counts.total <= MOST,
        "sheet": style_sheet("components/units", "embed"),
    }
    content = render_to_string("reports/embed.html", context).encode()
    return HttpResponse(content, headers={"Content-Security-Policy": policy_for(content, framed_by="*")})
