from django.utils.module_loading import import_string


def imported_on_use(path):
    """Return a function that imports the one of this path when it is called.

    For what writes or reads files: the packages for it would make every start slower and every process larger, also
    those that never need them.
    """

    def call(*args, **kwargs):
        return import_string(path)(*args, **kwargs)

    return call
