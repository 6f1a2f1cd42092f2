"""Certificates for the matrix, made with the openssl program: of every kind of key a root, an intermediate, a leaf."""

import os
from collections import namedtuple

from programs import checked

KEYS = {
    "p256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "p384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p521": ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
    "ed25519": ["ED25519"],
    "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "rsa_pss": ["RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"],
}

# TLS knows PSS only with a salt as long as the hash (RFC 8446, section 4.2.3); openssl takes the longest.
_PADDING = {"RSA-PSS": ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]}

AUTHORITY = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n"
LEAF = """basicConstraints=critical,CA:false
keyUsage=critical,{usage}
extendedKeyUsage=serverAuth,clientAuth
subjectAltName=DNS:{name},DNS:localhost,IP:127.0.0.1
"""

# `chain` is a file with leaf and intermediate, `issuer` one with the intermediate alone, `key` one with the leaf's key;
# `name` is the DNS name that is its alone.
Identity = namedtuple("Identity", "kind name chain issuer key")


class Identities:
    """All of them in one folder, each kind made when it is first asked for (by one thread: before the cells run)."""

    def __init__(self, folder):
        self.folder = folder
        self.roots = os.path.join(folder, "roots.pem")  # every root that is to be trusted
        self._made = {}

    def __getitem__(self, kind):
        return self._made[kind]

    def make(self, kinds):
        for kind in kinds:
            if kind not in self._made:
                self._make_authorities(kind)
                self._append(self._file(f"{kind}-root.pem"), self.roots)
                self._made[kind] = self._leaf(kind, kind)
        return self

    def expired(self):
        return self._leaf("expired", "p256", KEYS["p256"], days="0")

    def enciphering(self):
        """An RSA key that a premaster secret may be encrypted for (RFC 5246, section 7.4.2)."""
        return self._leaf("enciphering", "rsa", KEYS["rsa"], usage="digitalSignature,keyEncipherment")

    def untrusted(self, name="untrusted"):
        """From a root that is not among `roots`."""
        self._make_authorities(f"{name}-issuer", KEYS["p256"])
        return self._leaf(name, f"{name}-issuer", KEYS["p256"])

    def _file(self, name):
        return os.path.join(self.folder, name)

    def _make_authorities(self, kind, algorithm=None):
        algorithm = algorithm or KEYS[kind]
        self._certificate(f"{kind}-root", algorithm, f"Interop root {kind}", AUTHORITY, f"{kind}-root")
        self._certificate(f"{kind}-middle", algorithm, f"Interop intermediate {kind}", AUTHORITY, f"{kind}-root")

    def _leaf(self, name, issuer, algorithm=None, days="30", usage="digitalSignature"):
        host = f"{name.replace('_', '-')}.handfast.test"
        self._certificate(f"{name}-leaf", algorithm or KEYS[issuer], host, LEAF.format(name=host, usage=usage),
                          f"{issuer}-middle", days)
        chain = self._file(f"{name}-chain.pem")
        self._append(self._file(f"{name}-leaf.pem"), chain)
        self._append(self._file(f"{issuer}-middle.pem"), chain)
        return Identity(name, host, chain, self._file(f"{issuer}-middle.pem"), self._file(f"{name}-leaf.key"))

    def _certificate(self, name, algorithm, subject, extensions, issuer, days="30"):
        """`name`.key and `name`.pem, signed by `issuer` (itself, if that is `name`)."""
        key, request, out = self._file(f"{name}.key"), self._file(f"{name}.csr"), self._file(f"{name}.pem")
        with open(self._file(f"{name}.ext"), "w", encoding="ascii") as file:
            file.write(extensions)
        checked(["openssl", "genpkey", "-algorithm", *algorithm, "-out", key])
        checked(["openssl", "req", "-new", "-key", key, "-subj", f"/CN={subject}", "-out", request])
        signer = ["-key", key] if issuer == name else [
            "-CA", self._file(f"{issuer}.pem"), "-CAkey", self._file(f"{issuer}.key"), "-CAcreateserial"]
        checked(["openssl", "x509", "-req", "-in", request, *signer, *_PADDING.get(algorithm[0], []), "-days", days,
                 "-extfile", self._file(f"{name}.ext"), "-out", out])

    @staticmethod
    def _append(source, target):
        with open(source, "rb") as read, open(target, "ab") as write:
            write.write(read.read())
