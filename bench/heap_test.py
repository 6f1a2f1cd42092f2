"""A connection's heap stays below its limits: heap_test.py HANDFAST_BENCH."""

import json
import subprocess
import sys

# Bytes per connection. In the middle of a handshake 5.5 KB of them are the room for its flows' frames, which know of RSA
# key exchange, block ciphers and secrets of ML-KEM beside others; a second such room would show at once.
LIMITS = {
    ("tls13-heap-mid-handshake", "server"): 8192 + 512,
    ("tls13-heap-mid-handshake", "client"): 8192 + 512,
    ("tls13-heap-idle", "server"): 3072,
    ("tls13-heap-idle", "client"): 3072,
    # The ClientHello, which is there until its hash is known, is longer by a share of 1,220 bytes; of ML-KEM's key a seed
    # is kept.
    ("tls13-x25519mlkem768-heap-mid-handshake", "server"): 8192 + 1024,
    ("tls13-x25519mlkem768-heap-mid-handshake", "client"): 8192 + 2048,
    ("tls13-x25519mlkem768-heap-idle", "server"): 3072,
    ("tls13-x25519mlkem768-heap-idle", "client"): 3072,
    ("tls12-heap-mid-handshake", "server"): 8192 + 512,
    # While it waits for the server's Finished it holds the server's chain, some 900 bytes.
    ("tls12-heap-mid-handshake", "client"): 8192 + 1024,
    ("tls12-heap-idle", "server"): 3072,
    ("tls12-heap-idle", "client"): 3072,
    ("tls13-psk-dhe-heap-mid-handshake", "server"): 8192 + 512,
    ("tls13-psk-dhe-heap-mid-handshake", "client"): 9216 + 512,
    ("tls13-psk-dhe-heap-idle", "server"): 3072,
    ("tls13-psk-dhe-heap-idle", "client"): 3072,
    ("tls12-session-id-heap-mid-handshake", "server"): 8192 + 512,
    ("tls12-session-id-heap-mid-handshake", "client"): 8192 + 512,
    ("tls12-session-id-heap-idle", "server"): 3072,
    ("tls12-session-id-heap-idle", "client"): 3072,
    ("tls12-ticket-heap-mid-handshake", "server"): 8192 + 512,
    ("tls12-ticket-heap-mid-handshake", "client"): 8192 + 512,
    ("tls12-ticket-heap-idle", "server"): 3072,
    ("tls12-ticket-heap-idle", "client"): 3072,
}


def main():
    out = subprocess.run([sys.argv[1], "--case", "heap", "--json"], check=True, capture_output=True, timeout=100).stdout
    found = {(row["case"], row["side"]): row["bytes"] for row in json.loads(out) if row["implementation"] == "handfast"}
    if found.keys() != LIMITS.keys():
        sys.exit(f"failed: measured {sorted(found)}, not {sorted(LIMITS)}")
    over = [f"{case}, {side}: {size:.0f} bytes, and the limit is {LIMITS[case, side]}"
            for (case, side), size in found.items() if not 0 < size < LIMITS[case, side]]
    for (case, side), size in sorted(found.items()):
        print(f"{case} {side}: {size:.0f} bytes")
    sys.exit("\n".join(["failed:"] + over) if over else 0)


if __name__ == "__main__":
    main()
