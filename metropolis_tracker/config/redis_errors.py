import sys


def redis_errors():
    """Return the errors of the shared cache, for `except`. Empty as long as nothing has imported redis.

    Only a cache that uses Redis imports it: without one, it would take 0.1 s of every start.
    """
    exceptions = sys.modules.get("redis.exceptions")
    return (exceptions.RedisError,) if exceptions else ()
