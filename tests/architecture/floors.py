"""The floors: who may include what."""

import re

from source import Finding, blank

# Lowest first. A file includes only its own floor and those before it.
FLOORS = ["base", "crypto", "x509", "wire", "record", "schedule", "session", "config", "handshake", "engine",
          "net", "http", "authority", "doctor", "proxy", "cli"]

# On which floor each public header stands.
PUBLIC_HEADERS = {
    "bytes.h": "base",
    "clock.h": "base",
    "error.h": "base",
    "limits.h": "base",
    "random.h": "base",
    "types.h": "base",
    "trust.h": "x509",
    "verification.h": "x509",
    "revocation_lists.h": "x509",
    "identity.h": "x509",
    "config.h": "config",
    "session.h": "session",
    "credential.h": "config",
    "info.h": "config",
    "need.h": "config",
    "trace.h": "config",
    "connection.h": "engine",
    "net_error.h": "net",
    "stream.h": "net",
    "http_server.h": "http",
}

# Floors that may not be included although they lie below, and why.
FORBIDDEN = {("handshake", "record"): "a flow knows messages, not records: it speaks to a Transport"}

# Where a library from outside may first appear: that floor and those above.
LOWEST_FLOOR = {"boost": "net", "idn2.h": "net", "nghttp2": "http", "spdlog": "net", "nlohmann": "net", "CLI": "cli", "toml++": "proxy"}

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<(?P<angle>[^>\n]+)>|"(?P<quote>[^"\n]+)")', re.M)
_NEVER = re.compile(r"openssl/(ssl|tls1|ssl3|dtls1|x509|pem)\w*\.h$|openssl/x509")


def includes(text):
    """(line, form, path) of each #include; comments do not count."""
    kept = blank(text).split("\n")
    for match in _INCLUDE.finditer(text):
        line = text.count("\n", 0, match.start("angle" if match["angle"] else "quote")) + 1
        if "include" in kept[line - 1]:
            yield line, "<" if match["angle"] else '"', match["angle"] or match["quote"]


def floor_of(path):
    """The floor that a file of src/ or include/ stands on, or None."""
    parts = path.split("/")
    if parts[0] == "src" and len(parts) > 2:
        return parts[1] if parts[1] in FLOORS else None
    if parts[:2] == ["include", "handfast"]:
        return PUBLIC_HEADERS.get("/".join(parts[2:]))
    return None


def check_includes(path, text):
    own = floor_of(path)
    public = path.startswith("include/")
    if own is None:
        what = "public header" if public else "folder"
        yield Finding(path, 1, "floors", f"this {what} stands on no floor",
                      "Name it in tests/architecture/floors.py (and docs/architecture.md).")
        return
    level = FLOORS.index(own)
    for line, form, target in includes(text):
        top = target.split("/")[0]

        if top == "openssl":
            if _NEVER.search(target):
                yield Finding(path, line, "libcrypto", f"<{target}> belongs to libssl or to OpenSSL's certificates",
                              "Handfast does TLS, X.509 and PEM itself: see src/x509 and src/base.")
            elif public or own != "crypto" or path.count("/") < 3:
                yield Finding(path, line, "libcrypto", f"<{target}> outside of src/crypto/<backend>/",
                              "Ask for what you need through a header of src/crypto/.")
            continue

        if form == "<" and top != "handfast":
            lowest = LOWEST_FLOOR.get(top)
            if lowest and level < FLOORS.index(lowest):
                yield Finding(path, line, "libraries", f"<{target}> below {lowest}/",
                              f"Only {lowest}/ and the floors above it may know {top}.")
            elif public and "/" in target and not (lowest and own in ("net", "http")):
                yield Finding(path, line, "public headers", f"<{target}> is neither std's nor Handfast's",
                              "Keep it in src/, behind a type that is only declared in the public header.")
            continue

        if top == "handfast":
            other = PUBLIC_HEADERS.get(target.removeprefix("handfast/"))
            if form == '"':
                yield Finding(path, line, "includes", f'"{target}" in quotes', f"Write <{target}>.")
        elif public:
            yield Finding(path, line, "public headers", f'"{target}" is not installed',
                          "A public header includes std's and <handfast/...> only.")
            continue
        else:
            other = top if "/" in target and top in FLOORS else None
        if other is None:
            yield Finding(path, line, "includes", f"{target} stands on no floor",
                          'Write includes rooted at src/ ("wire/client_hello.h"), and name a new public header in '
                          "tests/architecture/floors.py.")
        elif FLOORS.index(other) > level:
            yield Finding(path, line, "floors", f"{own}/ includes {target}, which stands above it on {other}/",
                          f"Move what both need down to {own}/ or lower, or have {other}/ hand it in.")
        elif (own, other) in FORBIDDEN:
            yield Finding(path, line, "floors", f"{own}/ includes {target}", FORBIDDEN[own, other].capitalize() + ".")
