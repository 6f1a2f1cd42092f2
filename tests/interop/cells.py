"""What a cell of the matrix is made of: the names of TLS 1.3, what must be agreed on, and the count of what held."""

import contextlib
import threading
from collections import Counter

SUITES = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
GROUPS = ("x25519", "secp256r1", "secp384r1", "secp521r1")

# Each signature scheme, and the kind of key (identities.py) that makes it.
SIGNATURES = {
    "ecdsa_secp256r1_sha256": "p256",
    "ecdsa_secp384r1_sha384": "p384",
    "ecdsa_secp521r1_sha512": "p521",
    "ed25519": "ed25519",
    "rsa_pss_rsae_sha256": "rsa",
    "rsa_pss_rsae_sha384": "rsa",
    "rsa_pss_rsae_sha512": "rsa",
    "rsa_pss_pss_sha256": "rsa_pss",
    "rsa_pss_pss_sha384": "rsa_pss",
    "rsa_pss_pss_sha512": "rsa_pss",
}
DIRECTIONS = ("client", "server")  # what Handfast is


class Failure(Exception):
    """A cell that does not hold, and why."""


def expect(what, seen, wanted):
    if seen != wanted:
        raise Failure(f"{what} is {seen!r} instead of {wanted!r}")


def expect_in(what, text, wanted):
    if wanted not in text:
        raise Failure(f"{what} lacks {wanted!r}; it ends: {text[-300:]!r}")


def other_group(group):
    """A group that is not `group`: a client that offers it first must be asked again."""
    return GROUPS[(GROUPS.index(group) + 1) % len(GROUPS)]


class Tally:
    """Counts the cells of one peer, in each direction; any thread may add."""

    def __init__(self):
        self.cells = Counter()
        self.failures = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def cell(self, direction, name):
        """One cell: it holds if the block ends without an exception."""
        reason = None
        try:
            yield
        except Failure as failure:
            reason = str(failure)
        except Exception as error:  # a peer's output that can't be read is a failure of this cell, not of the run
            reason = f"{type(error).__name__}: {error}"
        with self._lock:
            self.cells[direction] += 1
            if reason is not None:
                self.failures.append(f"{direction} {name}: {reason}")
