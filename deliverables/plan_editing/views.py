"""Editing what a plan promises: its outline, each part, its people and dates, its own words, its themes."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.models import Amendment, Deliverable
from deliverables.plan_editing import structure
from deliverables.plan_editing.part_forms import FORMS, DecisionForm, PeopleForm, people
from deliverables.plan_editing.plan_forms import NewPlanForm, PlanForm, ThemeForm
from plans.access import editor_required, plan_and_date, plan_permission_required, post_only
from plans.models import ActionLine, Measure, Plan, Theme
from plans.page_cache import cached_page
from plans.translations import OTHER_LANGUAGES

get_or_post = require_http_methods(["GET", "HEAD", "POST"])
BELOW = {None: ActionLine, ActionLine: Measure, Measure: Deliverable}
PARENT = {ActionLine: "plan", Measure: "action_line", Deliverable: "measure"}
ADDING = {
    ActionLine: gettext_lazy("Add an action line"),
    Measure: gettext_lazy("Add a measure"),
    Deliverable: gettext_lazy("Add a deliverable"),
}


@plan_permission_required("plans.change_plan")
@require_safe
def outline(request, slug):
    """The whole plan, each part with what can be done to it."""
    plan = Plan.objects.get_for(request.user, slug)
    lines = plan.action_lines.prefetch_related("measures__themes", "measures__deliverables__responsible")
    return render(
        request,
        "deliverables/plan_editing/outline.html",
        {"plan": plan, "lines": lines, "is_promised": plan.is_promised, "other_language": OTHER_LANGUAGES[0][0]},
    )


@plan_permission_required("plans.change_plan")
@get_or_post
def edit_settings(request, slug):
    plan = Plan.objects.get_for(request.user, slug)
    form = PlanForm(posted(request), instance=plan)
    if request.method == "POST" and form.is_valid():
        saved_plan = form.save(on=timezone.localdate())
        opened = "is_sure" in form.fields and saved_plan.is_promised
        messages.success(request, _("Saved. Everyone may read the plan now.") if opened else _("Saved."))
        return redirect("edit_plan", saved_plan.slug)
    plan = Plan.objects.get_for(request.user, slug)  # the page around the form shows what is stored
    title = _("The plan's words, dates and readers")
    return form_page(request, plan, form, title, back=reverse("edit_plan", args=[slug]))


@editor_required
@get_or_post
def new_plan(request):
    form = NewPlanForm(posted(request), reader=request.user)
    if request.method == "POST" and form.is_valid():
        plan = form.save()
        messages.success(request, _("The plan is a draft: only its editors see it."))
        starts_from_file = form.cleaned_data["start"] == form.SPREADSHEET
        return redirect("import" if starts_from_file else "edit_plan", plan.slug)
    return form_page(request, None, form, _("A new plan"), back=reverse("plans"), verb=_("Make the plan"))


@plan_permission_required("plans.change_plan")
@get_or_post
def add_part(request, slug, code=None):
    """A new line, or what comes below the part that `code` names."""
    plan = Plan.objects.get_for(request.user, slug)
    parent = structure.get_part(plan, code) if code else None
    model = BELOW[type(parent) if parent else None]
    part = model(**{PARENT[model]: parent or plan})
    form = FORMS[model](posted(request), part=part)
    if request.method == "POST" and saved(request, form):
        messages.success(request, _("Added: %s.") % form.instance.code)
        return redirect(back_to(slug, form.instance.code))
    back = reverse("edit_plan", args=[slug])
    return form_page(request, plan, form, ADDING[model], about=parent, back=back, verb=_("Add"))


@plan_permission_required("plans.change_plan")
@get_or_post
def edit_part(request, slug, code):
    plan = Plan.objects.get_for(request.user, slug)
    part = structure.get_part(plan, code)
    form = FORMS[type(part)](posted(request), part=part)
    if request.method == "POST" and saved(request, form):
        messages.success(request, _("Saved: %s.") % form.instance.code)
        return redirect(back_to(slug, form.instance.code))
    title = _("Edit %s") % code
    return form_page(request, plan, form, title, about=structure.get_part(plan, code), back=back_to(slug, code))


def posted(request):
    """What was sent, also where that is nothing; None where nobody sent anything."""
    return request.POST if request.method == "POST" else None


def back_to(slug, code):
    return reverse("edit_plan", args=[slug]) + f"#{code}"


def saved(request, form):
    """Whether a part's form could be saved; where a rule forbade it, the form says so."""
    if not form.is_valid():
        return False
    try:
        form.save(by=request.user)
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    return True


@plan_permission_required("plans.change_plan")
@get_or_post
def edit_people(request, slug, code):
    """Who is responsible and when it is due, for all deliverables of a line or measure on one page."""
    plan = Plan.objects.get_for(request.user, slug)
    part = structure.get_part(plan, code)
    rows = list(Deliverable.objects.of_plan(slug, code).not_withdrawn().with_update().select_related("responsible"))
    held = {row.responsible_id for row in rows if row.responsible_id}
    choices = [("", _("Nobody yet")), *((str(each.pk), each.name) for each in people(held))]
    forms = [PeopleForm(posted(request), instance=row, prefix=str(row.code), choices=choices) for row in rows]
    invalid = [form for form in forms if not form.is_valid()]
    if request.method == "POST" and not invalid:
        changed = [form for form in forms if form.changed_columns()]
        with transaction.atomic():
            for form in changed:
                structure.save_part(form.instance, by=request.user, fields=form.changed_columns())
        text = ngettext("Saved for %(number)d deliverable.", "Saved for %(number)d deliverables.", len(changed))
        messages.success(request, text % {"number": len(changed)})
        return redirect(back_to(slug, code))
    status = 422 if request.method == "POST" else 200
    return render(
        request, "deliverables/plan_editing/people.html", {"plan": plan, "part": part, "forms": forms}, status=status
    )


@post_only
@plan_permission_required("plans.change_plan")
def move_part(request, slug, code):
    """`step` -1 lets it change places with the part before it, 1 with the one after; `was` is what it said."""
    plan = Plan.objects.get_for(request.user, slug)
    step = 1 if request.POST.get("step") == "1" else -1
    try:
        code = structure.move(plan, code, request.POST.get("was", ""), step).code
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(back_to(slug, code))


@plan_permission_required("plans.change_plan")
@get_or_post
def remove_part(request, slug, code):
    """Asks before it removes a part with all that is below it."""
    plan = Plan.objects.get_for(request.user, slug)
    if request.method == "POST":
        try:
            structure.remove(plan, code, request.POST.get("was", ""))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect(back_to(slug, code))
        messages.success(request, _("Removed: %s.") % code)
        return redirect(back_to(slug, code.in_measure if code.deliverable else code.in_line))
    context = {
        "plan": plan,
        "part": structure.get_part(plan, code),
        "below": Deliverable.objects.of_plan(slug, code).count() if not code.deliverable else 0,
    }
    return render(request, "deliverables/plan_editing/remove.html", context)


@plan_permission_required("plans.change_plan")
@get_or_post
def withdraw_part(request, slug, code):
    """Withdraw a deliverable of a public plan by a decision."""
    done = _("Withdrawn: %s. It stays visible and is counted apart.")
    return decide(request, slug, code, structure.withdraw, _("Withdraw"), done)


@plan_permission_required("plans.change_plan")
@get_or_post
def reinstate_part(request, slug, code):
    """Put a withdrawn deliverable back by a decision."""
    return decide(request, slug, code, structure.reinstate, _("Reinstate"), _("Reinstated: %s."))


def decide(request, slug, code, act, verb, done):
    plan = Plan.objects.get_for(request.user, slug)
    deliverable = structure.get_part(plan, code)
    form = DecisionForm(posted(request), plan=plan)
    if request.method == "POST" and form.is_valid():
        try:
            act(deliverable, by=request.user, decision=form.entered_decision)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, done % code)
            return redirect(deliverable)
    return form_page(request, plan, form, f"{verb} {code}", about=deliverable, back=back_to(slug, code), verb=verb)


@plan_permission_required("plans.change_plan")
@get_or_post
def edit_themes(request, slug):
    """All themes, which plans share: rename them, or add one."""
    plan = Plan.objects.get_for(request.user, slug)
    asked = request.POST.get("theme", "")
    forms = [
        ThemeForm(request.POST if asked == theme.slug else None, instance=theme, prefix=theme.slug)
        for theme in Theme.objects.all()
    ]
    blank = ThemeForm(request.POST if asked == "+" else None, prefix="new", instance=Theme())
    for form in [*forms, blank]:
        if form.is_bound and form.is_valid():
            form.save()
            messages.success(request, _("Saved: %s.") % form.instance.name)
            return redirect("edit_themes", slug)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "deliverables/plan_editing/themes.html", {"plan": plan, "forms": forms, "blank": blank}, status=status
    )


@require_safe
@cached_page
def amendments(request, slug):
    """What was changed in a public plan, and by which decision; for everyone who may read the plan."""
    plan, as_of = plan_and_date(request, slug)
    found = Amendment.objects.for_page(plan)
    context = {
        "plan": plan,
        "as_of": as_of,
        "amendments": found.filter(in_force_on__lte=as_of) if as_of else found,
        "may_edit": as_of is None and request.user.has_perm("plans.change_plan"),
    }
    return render(request, "deliverables/plan_editing/amendments.html", context)


def form_page(request, plan, form, title, *, back, about=None, verb=None):
    context = {"plan": plan, "form": form, "form_title": title, "about": about, "back": back, "verb": verb or _("Save")}
    return render(request, "deliverables/plan_editing/form.html", context, status=422 if form.errors else 200)
