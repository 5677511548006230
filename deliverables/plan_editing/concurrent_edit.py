"""Two people who edit the same at once: nobody overwrites what the other has saved without being told."""

from datetime import date

from django.utils.translation import gettext_lazy as _

from plans.common.dates import date_format
from plans.common.form_fields import set_data
from plans.common.text import normalise


class ConcurrentEditMixin:
    """A form that two people may have open at once: it saves only the fields that its own user changed.

    Fields named to `remember_shown` send a hidden copy of the value they showed. Django compares the two values to
    find `changed_data`, so that a field left alone never overwrites what somebody else has saved.
    """

    def remember_shown(self, *names):
        """Send the value shown along with these fields."""
        self.remembered = set(names) & self.fields.keys()
        for name in self.remembered:
            self.fields[name].show_hidden_initial = True

    def refuse_overwrite(self, name, stored):
        """Add an error to a field where somebody else has saved another value, `stored`, since the page was shown."""
        shown = self.add_initial_prefix(name)
        if name in self.changed_data and normalise(stored) not in (
            self.data.get(shown, ""),
            self.cleaned_data.get(name),
        ):
            self.report_overwrite(name, stored, stored)

    def refuse_overwrites(self):
        """Add an error to each remembered field that this person and somebody else have changed to different values."""
        for name in self.remembered.intersection(self.changed_data):
            field = self.fields[name]
            # An empty list has no hidden input, so its absence is the value.
            is_list = getattr(field.widget, "allow_multiple_selected", False)
            if self.add_initial_prefix(name) not in self.data and not (is_list and self.was_shown):
                continue  # no value was shown
            stored = self.get_initial_for_field(field, name)
            shown, entered = (
                field.widget.value_from_datadict(self.data, self.files, key)
                for key in (self.add_initial_prefix(name), self.add_prefix(name))
            )
            if field.has_changed(stored, shown) and field.has_changed(stored, entered):
                value = field.prepare_value(stored)
                self.report_overwrite(name, "" if value is None else value, shown_text(field, stored))

    @property
    def was_shown(self):
        """Return whether the form was sent by its page, with the values that it showed."""
        return any(self.add_initial_prefix(name) in self.data for name in self.remembered)

    def report_overwrite(self, name, value, text):
        """Add an error with what somebody else has entered. From now on the page shows it: saving again replaces it."""
        set_data(self, {self.add_initial_prefix(name): value})
        error = _("Meanwhile somebody entered “%s”. Your entry is still here: save again to replace theirs.")
        self.add_error(name, error % text)

    def changed_columns(self):
        """Return the names of the changed fields that are columns of the model, for `update_fields`."""
        columns = {field.name for field in self._meta.model._meta.local_fields}
        return [name for name in self.changed_data if name in columns]


def shown_text(field, value):
    """Return the value of a field as its page shows it."""
    labels = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, date):
        return date_format(value)
    return labels.get(str(value or ""), value or "–")
