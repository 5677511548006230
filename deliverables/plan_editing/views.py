"""The pages that edit a plan: its outline, its settings, its parts, people and dates, themes and amendments."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.db.models import Count, prefetch_related_objects
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from deliverables.models import Amendment, AmendmentKind, Deliverable
from deliverables.plan_editing import structure
from deliverables.plan_editing.decision_forms import DatesDecisionForm, DecisionForm
from deliverables.plan_editing.part_forms import FORMS
from deliverables.plan_editing.people_forms import PeopleForm, assignable_people, people_choices
from deliverables.plan_editing.plan_forms import NewPlanForm, PlanForm, ThemeForm
from plans.access import editor_required, get_plan, plan_and_date, plan_permission_required, post_only
from plans.common.form_fields import add_model_errors
from plans.form_drafts import form_data, form_data_by_part
from plans.models import ActionLine, Measure, Plan, Theme
from plans.page_cache import cached_page
from plans.translations import OTHER_LANGUAGES

ROWS_A_PAGE = 100  # each has four fields, and Django reads at most a thousand
LONG = 200  # deliverables: a longer plan is edited line by line
get_or_post = require_http_methods(["GET", "HEAD", "POST"])
DECISIONS = {  # what is done, the verb of its button, and the message afterwards
    AmendmentKind.WITHDRAWN: (
        structure.withdraw,
        gettext_lazy("Withdraw"),
        gettext_lazy("Withdrawn: %s. It stays visible but is not included in the totals."),
    ),
    AmendmentKind.REINSTATED: (structure.reinstate, gettext_lazy("Reinstate"), gettext_lazy("Reinstated: %s.")),
}


@dataclass(frozen=True)
class EditPage:
    """What an edit page shows around its form: its title, the way back, the part it is about, its button's verb.

    `back_label` is the text of the way back, by default that of the plan's edit page or of the list of plans.
    """

    title: str
    back: str
    about: object = None
    verb: str = gettext_lazy("Save")
    back_label: str = ""


CHILD_MODEL = {None: ActionLine, ActionLine: Measure, Measure: Deliverable}
PARENT_FIELD = {ActionLine: "plan", Measure: "action_line", Deliverable: "measure"}
ADD_TITLES = {
    ActionLine: gettext_lazy("Add an action line"),
    Measure: gettext_lazy("Add a measure"),
    Deliverable: gettext_lazy("Add a deliverable"),
}


@plan_permission_required("plans.change_plan")
@require_safe
def outline(request, slug):
    """Show the whole plan, each part with the actions that are possible on it.

    A long plan shows the parts of one line, `?line=3`; the others are closed. Opened in place, a line is fetched alone.
    """
    plan = get_plan(request, slug)
    lines = list(plan.action_lines.annotate(deliverable_count=Count("measures__deliverables")).order_by("number"))
    is_long = sum(line.deliverable_count for line in lines) > LONG
    opened = [line for line in lines if str(line.number) == request.GET.get("line")] if is_long else lines
    prefetch_related_objects(opened, "measures__themes", "measures__deliverables__responsible")

    context = {"plan": plan, "lines": lines, "opened": opened, "is_long": is_long, "is_promised": plan.is_promised}
    if not request.htmx:
        context["other_language"] = OTHER_LANGUAGES[0][0]
        return render(request, "deliverables/plan_editing/outline.html", context)
    if len(opened) != 1:
        raise Http404  # somebody has removed the line meanwhile
    return render(request, "deliverables/plan_editing/outline_line.html", context | {"line": opened[0]})


@plan_permission_required("plans.change_plan")
@get_or_post
def edit_settings(request, slug):
    """Edit the plan's texts, dates and visibility."""
    plan = get_plan(request, slug)
    form = PlanForm(form_data(request), instance=plan)
    if request.method == "POST" and (saved_plan := try_save(form)):
        opened = "is_sure" in form.fields and saved_plan.is_promised
        messages.success(request, _("Saved. The plan is now public.") if opened else _("Saved."))
        return redirect("edit_plan", saved_plan.slug)

    plan = Plan.objects.get_for(request.user, slug)  # the form has changed its plan: the page shows what is stored
    title = _("Text, dates and visibility of the plan")
    return form_page(request, plan, form, EditPage(title, reverse("edit_plan", args=[slug])))


@editor_required
@get_or_post
def new_plan(request):
    """Create a plan, and go on to its outline or to the import of its spreadsheet."""
    form = NewPlanForm(form_data(request), reader=request.user)
    if request.method == "POST" and (plan := try_save(form)):
        messages.success(request, _("The plan is a draft: only its editors see it."))
        starts_from_file = form.cleaned_data["start"] == form.SPREADSHEET
        return redirect("import" if starts_from_file else "edit_plan", plan.slug)

    return form_page(request, None, form, EditPage(_("A new plan"), reverse("plans"), verb=_("Create the plan")))


@plan_permission_required("plans.change_plan")
@get_or_post
def add_part(request, slug, code=None):
    """Add a line to the plan, a measure to the line `code`, or a deliverable to the measure `code`."""
    plan = get_plan(request, slug)
    parent = structure.get_part(plan, code) if code else None
    model = CHILD_MODEL[type(parent) if parent else None]
    part = model(**{PARENT_FIELD[model]: parent or plan})
    form = FORMS[model](form_data(request), part=part)

    if request.method == "POST" and try_save(form, by=request.user):
        messages.success(request, _("Added: %s.") % form.instance.code)
        return redirect(back_to(slug, form.instance.code))

    back = reverse("edit_plan", args=[slug])
    return form_page(request, plan, form, EditPage(ADD_TITLES[model], back, parent, _("Add")))


@plan_permission_required("plans.change_plan")
@get_or_post
def edit_part(request, slug, code):
    """Edit a line, measure or deliverable."""
    plan = get_plan(request, slug)
    part = structure.get_part(plan, code)
    form = FORMS[type(part)](form_data(request), part=part)

    if request.method == "POST" and try_save(form, by=request.user):
        messages.success(request, _("Saved: %s.") % form.instance.code)
        return redirect(back_to(slug, form.instance.code))

    title = _("Edit %s") % code
    page = EditPage(title, back_to(slug, code), structure.get_part(plan, code))  # as it is stored
    return form_page(request, plan, form, page)


def back_to(slug, code):
    """Return the URL of a part in the outline, which opens its line."""
    return reverse("edit_plan", args=[slug]) + f"?line={code.line}#{code}"


def try_save(form, **kwargs):
    """Save a form, and return what it saved. If that fails, the form has the errors, and None is returned.

    Somebody else may have saved something meanwhile that does not go together with this: `save` checks again, under
    the lock.
    """
    if not form.is_valid():
        return None

    try:
        return form.save(**kwargs)
    except ValidationError as error:
        add_model_errors(form, error)
    except IntegrityError:
        form.add_error(
            None, _("Meanwhile somebody saved the same. Your entry was not saved. Check the page and try again.")
        )
    return None


@plan_permission_required("plans.change_plan")
@get_or_post
def edit_people(request, slug, code):
    """Edit who is responsible and the due date of all deliverables of a line or measure on one page."""
    plan = get_plan(request, slug)
    part = structure.get_part(plan, code)
    rows = Deliverable.objects.of_plan(slug, code).not_withdrawn().with_update().select_related("responsible")
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    data = form_data(request)
    forms = people_forms(page, data)
    decision = DatesDecisionForm(data, plan=plan) if plan.is_promised else None

    if request.method == "POST" and (changed := save_people(forms, decision, by=request.user)) is not None:
        text = ngettext("Saved for %(number)d deliverable.", "Saved for %(number)d deliverables.", len(changed))
        messages.success(request, text % {"number": len(changed)})
        return redirect(request.get_full_path() if page.has_other_pages() else back_to(slug, code))

    context = {"plan": plan, "part": part, "forms": forms, "decision": decision, "page": page}
    context["back"] = back_to(slug, code)
    status = 422 if request.method == "POST" else 200
    return render(request, "deliverables/plan_editing/people.html", context, status=status)


def people_forms(rows, data):
    """Return a form for each of the deliverables. One that the data lacks, since it is new, shows what is stored."""
    current = {row.responsible_id for row in rows if row.responsible_id}
    choices = people_choices(assignable_people(current))
    return [
        PeopleForm(
            data if data and f"{row.code}-due_on" in data else None,
            instance=row,
            prefix=str(row.code),
            choices=choices,
        )
        for row in rows
    ]


def save_people(forms, decision, *, by):
    """Save the forms that were changed, all or none, and return them. Return None if one has errors.

    `decision` is the form of the decision behind new due dates, None in a plan that was never public.
    """
    sent = [form for form in forms if form.is_bound]
    invalid = [form for form in sent if not form.is_valid()]  # all are checked, so that each gets its errors
    if decision and decision.is_valid() and any("due_on" in form.changed_data for form in sent):
        decision.require()
    if invalid or (decision and decision.errors):
        return None

    changed = [form for form in sent if form.changed_columns()]
    with transaction.atomic():
        for form in changed:
            if try_save(form, by=by, decision=decision and decision.entered_decision) is None:
                transaction.set_rollback(True)
                return None
    return changed


@post_only
@plan_permission_required("plans.change_plan")
def move_part(request, slug, code):
    """Swap a part with the one before it (`step` -1) or after it (1). `was` is the text that the person saw."""
    plan = get_plan(request, slug)
    step = 1 if request.POST.get("step") == "1" else -1

    try:
        code = structure.move(plan, code, request.POST.get("was", ""), step).code
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(back_to(slug, code))


@plan_permission_required("plans.change_plan")
@get_or_post
def remove_part(request, slug, code):
    """Remove a part with everything below it, after a page that asks for confirmation."""
    plan = get_plan(request, slug)

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
        "back": back_to(slug, code),
        "below": Deliverable.objects.of_plan(slug, code).count() if not code.deliverable else 0,
    }
    return render(request, "deliverables/plan_editing/remove.html", context)


@plan_permission_required("plans.change_plan")
@get_or_post
def withdraw_part(request, slug, code):
    """Withdraw a deliverable of a public plan by a decision."""
    return decide(request, slug, code, AmendmentKind.WITHDRAWN)


@plan_permission_required("plans.change_plan")
@get_or_post
def reinstate_part(request, slug, code):
    """Reinstate a withdrawn deliverable by a decision."""
    return decide(request, slug, code, AmendmentKind.REINSTATED)


def decide(request, slug, code, kind):
    """Withdraw or reinstate a deliverable once its decision is entered."""
    act, verb, done = DECISIONS[kind]
    plan = get_plan(request, slug)
    deliverable = structure.get_part(plan, code)
    form = DecisionForm(form_data(request), plan=plan)

    if request.method == "POST" and form.is_valid():
        try:
            act(deliverable, by=request.user, decision=form.entered_decision)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, done % code)
            return redirect(deliverable)

    page = EditPage(f"{verb} {code}", back_to(slug, code), deliverable, verb)
    return form_page(request, plan, form, page)


@plan_permission_required("plans.change_plan")
@get_or_post
def edit_themes(request, slug):
    """Rename themes or add one, a form each. Themes belong to no plan: all plans share them."""
    plan = get_plan(request, slug)
    data = form_data_by_part(request)
    forms = [ThemeForm(data.get(each.slug), instance=each, prefix=each.slug) for each in Theme.objects.all()]
    blank = ThemeForm(data.get("+"), prefix="new", instance=Theme())

    for form in [*forms, blank]:
        if request.method == "POST" and form.is_bound and try_save(form):
            messages.success(request, _("Saved: %s.") % form.instance.name)
            return redirect("edit_themes", slug)

    status = 422 if request.method == "POST" else 200
    return render(
        request, "deliverables/plan_editing/themes.html", {"plan": plan, "forms": forms, "blank": blank}, status=status
    )


@require_safe
@cached_page("as_of")
def amendments(request, slug):
    """Show the changes of a public plan with their decisions, to everyone who may read the plan."""
    plan, as_of = plan_and_date(request, slug)
    decided = Amendment.objects.for_page(plan)
    context = {
        "plan": plan,
        "as_of": as_of,
        "amendments": decided.filter(in_force_on__lte=as_of) if as_of else decided,
        "may_edit": as_of is None and request.user.has_perm("plans.change_plan"),
    }
    return render(request, "deliverables/plan_editing/amendments.html", context)


def form_page(request, plan, form, page):
    """Return an edit page with its form; `plan` is None for a plan that does not exist yet."""
    context, status = {"plan": plan, "form": form, "page": page}, 422 if request.method == "POST" else 200
    return render(request, "deliverables/plan_editing/form.html", context, status=status)
