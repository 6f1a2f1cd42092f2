"""What a server costs: CPU time and memory of its processes, read from /proc; and processes that do not outlive us."""

import ctypes
import os
import pathlib
import signal
import socket
import subprocess
import time

PROC = pathlib.Path("/proc")
SECONDS = 60  # for one answer of a process
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def cores():
    """One core for the server, one for all that is not measured; where there is only one, both are that."""
    there = sorted(os.sched_getaffinity(0))
    return there[0], there[-1]


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for_port(port, process, seconds=SECONDS):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"it ended with status {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"it does not listen on port {port}")


def start(command, core, **more):
    """A process in a group of its own, on one core; it is killed when we die."""
    def prepare():
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        os.sched_setaffinity(0, {core})

    return subprocess.Popen([str(word) for word in command], start_new_session=True, preexec_fn=prepare, **more)


def stop(process):
    """Ends a process of `start` and its children, if need be with force."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            continue
        if not _group(process.pid):
            break
    process.communicate()


def _group(group):
    """The processes of a group that still run."""
    out = []
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                state, _, of = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            except (OSError, ValueError):
                continue
            if int(of) == group and state != "Z":
                out.append(folder)
    return out


def cpu_seconds(process):
    """CPU time of a process and its children so far, in nanoseconds' resolution where the kernel keeps that."""
    total = 0.0
    for folder in _group(process.pid):
        try:
            for thread in (folder / "task").iterdir():
                total += int((thread / "schedstat").read_text().split()[0]) / 1e9
        except FileNotFoundError:
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            except OSError:
                pass
    return total


def settled_cpu_seconds(process):
    """The same, once the process has come to rest."""
    before, now = -1.0, cpu_seconds(process)
    end = time.monotonic() + 3
    while now - before > 0.0002 and time.monotonic() < end:
        time.sleep(0.1)
        before, now = now, cpu_seconds(process)
    return now


def memory(process):
    """Bytes of memory that a process and its children take, shared pages counted by their share."""
    total = 0
    for folder in _group(process.pid):
        for line in (folder / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total
