"""What a cell of the matrix is made of: the versions and what each has, what is agreed on, the count of what held."""

import contextlib
import itertools
import threading
from collections import Counter, namedtuple

GROUPS = ("x25519", "secp256r1", "secp384r1", "secp521r1")
AEADS = ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")

# Each signature scheme, and the kind of key (identities.py) that makes it; of each kind the first is what most take.
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
    "rsa_pkcs1_sha256": "rsa",
    "rsa_pkcs1_sha384": "rsa",
    "rsa_pkcs1_sha512": "rsa",
}
_CURVES = {"p256": "secp256r1", "p384": "secp384r1", "p521": "secp521r1"}

# `number` as "1.2", `name` as our program prints it; `signatures` that a handshake of it may hold; what
# extended_master_secret may be: on, off, or (None) no question of this version.
Version = namedtuple("Version", "number name signatures master_secrets")
TLS13 = Version("1.3", "TLS 1.3", tuple(name for name in SIGNATURES if "pkcs1" not in name), (None,))
TLS12 = Version("1.2", "TLS 1.2", tuple(SIGNATURES), (True, False))
VERSIONS = (TLS13, TLS12)
TLS11 = Version("1.1", "TLS 1.1", (), ())  # these two only where a suite of theirs is named
TLS10 = Version("1.0", "TLS 1.0", (), ())
RANGES = ((TLS12,), (TLS13,), (TLS12, TLS13))  # from the lowest on


def cipher_suite(version, aead, kind="p256"):
    """In TLS 1.2 a suite names the kind of key too (Ed25519 goes with ECDSA: RFC 8422, section 5.1)."""
    if version is TLS13:
        return f"TLS_{aead}"
    return f"TLS_ECDHE_{'RSA' if kind.startswith('rsa') else 'ECDSA'}_WITH_{aead}"


def cipher_suites(version, aead):
    """With that AEAD, for every kind of key."""
    return list(dict.fromkeys(cipher_suite(version, aead, kind) for kind in SIGNATURES.values()))


class Choice(namedtuple("Choice", "version aead group signature extended_master_secret")):
    """What the two sides of a cell are to agree on."""

    def __str__(self):
        without = " without extended_master_secret" if self.extended_master_secret is False else ""
        return f"{self.version.name} {self.suite} {self.group} {self.signature}{without}"

    @property
    def kind(self):
        return SIGNATURES[self.signature]

    @property
    def suite(self):
        return cipher_suite(self.version, self.aead, self.kind)

    @property
    def groups(self):
        """What a client must offer for it: in TLS 1.2 the groups speak of the curves in certificates as well (RFC 8422,
        section 5.1)."""
        curve = _CURVES.get(self.kind, self.group) if self.version is TLS12 else self.group
        return list(dict.fromkeys((self.group, curve)))

    @property
    def offer(self):
        """The flags with which Handfast as client offers nothing else."""
        return {"tls": self.version.number, "suites": [self.suite], "groups": self.groups}


def choices(version, signatures=None, aeads=AEADS, groups=GROUPS, master_secrets=None):
    """All that can be agreed on in a version, within what is given; None is everything."""
    for parts in itertools.product(aeads, groups, signatures or version.signatures,
                                   master_secrets or version.master_secrets):
        yield Choice(version, *parts)


def first_signatures(kinds):
    """Of each kind of key the scheme that stands first: for peers that can't be told one."""
    return [next(signature for signature, made_by in SIGNATURES.items() if made_by == kind) for kind in kinds]


def check_maker(version, signature, kind):
    """Whether a signature is one of that kind of key: in TLS 1.2 ECDSA's scheme says nothing of the curve."""
    made_by = SIGNATURES[signature]
    if version is TLS12 and made_by in _CURVES and kind in _CURVES:
        made_by = kind
    expect(f"the kind of key that made {signature}", made_by, kind)


def best(ours, theirs):
    """The version that two ranges must agree on, if there is one."""
    both = [version for version in ours if version in theirs]
    return both[-1] if both else None


def told(versions):
    """A range as the flag --tls takes it."""
    return "..".join(version.number for version in versions)


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
