"""Bodies that both ends can make, so that each byte that arrives is known; and where wrong ones are noted."""

import random
import threading


def body(name, length):
    """Always the same bytes for the same name; a longer one begins with a shorter one."""
    if length == 0:
        return b""
    block = random.Random(name).randbytes(65536)
    stamped = [index.to_bytes(4, "big") + block[4:] for index in range((length + 65535) // 65536)]
    return b"".join(stamped)[:length]


class Check:
    """Takes a body part by part, and says where it is wrong."""

    def __init__(self, name, length):
        self.name, self.expected, self.at = name, body(name, length), 0

    def take(self, part):
        if self.expected[self.at:self.at + len(part)] != part:
            problems.add(f"{self.name}: wrong bytes between {self.at} and {self.at + len(part)} of {len(self.expected)}")
        self.at += len(part)

    @property
    def whole(self):
        return self.at == len(self.expected)


class Problems:
    """What must not have happened. Thread-safe."""

    def __init__(self):
        self.lock, self.list = threading.Lock(), []

    def add(self, text):
        with self.lock:
            self.list.append(text)
        print(f"PROBLEM: {text}", flush=True)


problems = Problems()
