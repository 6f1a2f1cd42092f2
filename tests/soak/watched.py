"""The proxies of the soak: each way of the program, under the sanitizers, and what can be seen of its process."""

import contextlib
import os
import pathlib
import re
import resource
import signal
import subprocess
import threading
import time

import program
from bodies import problems

SECONDS = 60


class Proxy:
    """`handfast WAY ...`: what it logs goes to a file, what the sanitizers find is a problem."""

    def __init__(self, name, folder, *arguments, log=None):
        self.name, self.log = name, folder / f"{name}.log"
        self.report = folder / f"{name}.asan"
        environment = program.environment(
            ASAN_OPTIONS=f"detect_leaks=1:exitcode=99:quarantine_size_mb=16:log_path={self.report}",
            UBSAN_OPTIONS=f"print_stacktrace=1:log_path={self.report}")
        self.arguments = [str(word) for word in arguments]
        command = [program.PROGRAM, *self.arguments, "--log", log or str(self.log)]
        self.errors = folder / f"{name}.stderr"
        with open(self.errors, "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
                                            env=environment)
        self.fallen = False
        self.port = self._port()
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def _port(self):
        for line in self.process.stdout:
            if found := re.search(r"listening on \S*:(\d+)$", line.strip()):
                return int(found[1])
        said = self.errors.read_text(errors="replace")
        raise SystemExit(f"{self.name} does not listen ({' '.join(self.arguments)}): {said}")

    def fds(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def memory(self):
        """Bytes, shared ones by their share."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
        return 0

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    @contextlib.contextmanager
    def few_fds(self, more):
        """No more than so many more than it has."""
        before = resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (self.fds() + more, before[1]))
        try:
            yield
        finally:
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, before)

    def is_there(self):
        if self.process.poll() is None:
            return True
        if not self.fallen:
            said = self.errors.read_text(errors="replace")[-6000:]
            problems.add(f"{self.name} ended with status {self.process.returncode}: {said}")
        self.fallen = True
        return False

    def wait_for_fds(self, most, seconds):
        end = time.monotonic() + seconds
        while self.fds() > most and time.monotonic() < end:
            time.sleep(0.2)
        return self.fds()

    def end(self):
        """SIGTERM: with nothing under way it is to end at once, in good order."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                problems.add(f"{self.name} does not end on SIGTERM")
                self.process.kill()
                self.process.wait()
            if self.process.returncode != 0:
                problems.add(f"{self.name} ended with status {self.process.returncode}")
        for report in self.report.parent.glob(self.report.name + ".*"):
            problems.add(f"{self.name}: a sanitizer's report:\n{report.read_text(errors='replace')[:6000]}")
