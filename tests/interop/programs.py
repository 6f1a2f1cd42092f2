"""Other programs: run to their end, or kept while the tests talk to them. Each has its time, each is reaped."""

import pathlib
import re
import socket
import subprocess
import sys
import threading
import time
from collections import namedtuple

from cells import Failure

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from ports import free_port  # noqa: E402, F401: the peers have it from here

SECONDS = 30  # for one program to end, or to say what is waited for

Finished = namedtuple("Finished", "code out err")


def run(command, stdin="", folder=None, seconds=SECONDS):
    """Runs `command` to its end, in `folder`, with `stdin` as its input."""
    try:
        done = subprocess.run(command, input=stdin.encode(), capture_output=True, cwd=folder, timeout=seconds)
    except subprocess.TimeoutExpired as late:
        said = ((late.stdout or b"") + (late.stderr or b"")).decode(errors="replace")
        raise Failure(f"{command[0]} did not end within {seconds} s; it said: {said[-600:]}") from None
    return Finished(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))


def checked(command, **options):
    """The standard output of a program that must succeed; `options` are those of run()."""
    done = run(command, **options)
    if done.code != 0:
        raise Failure(f"{' '.join(command)} ended with {done.code}: {(done.out + done.err)[-600:]}")
    return done.out


class Program:
    """A program that runs while the block does; what it says on both outputs is gathered."""

    def __init__(self, command, folder=None):
        self.command = command
        self.folder = folder  # where it runs

    def __enter__(self):
        self._said = ""
        self._news = threading.Condition()
        self._process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, cwd=self.folder)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_ready(self):
        """For servers: returns once they listen, `port` then says where."""

    def _read(self):
        while chunk := self._process.stdout.read1(65536):
            with self._news:
                self._said += chunk.decode(errors="replace")
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    def said(self):
        with self._news:
            return self._said

    def say(self, text):
        self._process.stdin.write(text.encode())
        self._process.stdin.flush()

    def end_input(self):
        self._process.stdin.close()

    def wait_for(self, pattern, begin=0):
        """The first match of `pattern` in what it said from `begin` on."""
        expression = re.compile(pattern, re.M)
        deadline = time.monotonic() + SECONDS
        with self._news:
            while not (match := expression.search(self._said, begin)):
                left = deadline - time.monotonic()
                ended = not self._reader.is_alive()
                if left <= 0 or ended:
                    why = "ended" if ended else f"waited {SECONDS} s"
                    raise Failure(f"{self.command[0]} never said {pattern!r} ({why}); it said: {self._said[-600:]}")
                self._news.wait(min(left, 0.5))
            return match

    def wait(self):
        """Its exit code, once it ends by itself."""
        try:
            return self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.command[0]} did not end within {SECONDS} s") from None

    def wait_for_end(self):
        """Its exit code, once it ends by itself and all that it said has been read."""
        code = self.wait()
        self._reader.join(SECONDS)
        return code

    def __exit__(self, *_):
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass


def wait_for_port(program, port):
    """Returns once `program` listens on `port`."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), 1):
                return
        except OSError:
            time.sleep(0.02)
    raise Failure(f"{program.command[0]} does not listen on port {port}; it said: {program.said()[-600:]}")
