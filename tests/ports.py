"""A port for a server that cannot say which one it was given, or for one that comes and goes."""

import pathlib
import random
import socket


def free_port():
    """A port of 127.0.0.1 that nothing listens on, and that no outgoing connection is given meanwhile."""
    first = _first_outgoing()
    tried = random.SystemRandom()  # other tests run beside this one
    for _ in range(100):
        port = tried.randrange(first // 3, first)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError("no free port of 127.0.0.1 was found in a hundred tries")


def _first_outgoing():
    """The first of the ports that the kernel gives to outgoing connections."""
    try:
        return int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        return 32768
