"""Tell systemd, or another manager that speaks its protocol, how far the server is: see sd_notify(3)."""

import os
import socket


def notify(state):
    """Send a state, such as `READY=1`, to the manager that started this process. Nothing where none did."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket: a null byte begins its name
        address = f"\0{address[1:]}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
        manager.sendto(state.encode(), address)
