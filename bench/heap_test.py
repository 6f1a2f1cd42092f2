"""A connection's heap stays below its limits: heap_test.py HANDFAST_BENCH."""

import json
import subprocess
import sys

LIMITS = {"heap-mid-handshake": 8192, "heap-idle": 3072}  # bytes per connection


def main():
    out = subprocess.run([sys.argv[1], "--case", "heap", "--json"], check=True, capture_output=True, timeout=100).stdout
    found = {(row["case"], row["side"]): row["bytes"] for row in json.loads(out) if row["implementation"] == "handfast"}
    wanted = {(case, side) for case in LIMITS for side in ("client", "server")}
    if found.keys() != wanted:
        sys.exit(f"failed: measured {sorted(found)}, not {sorted(wanted)}")
    over = [f"{case}, {side}: {size:.0f} bytes, and the limit is {LIMITS[case]}"
            for (case, side), size in found.items() if not 0 < size < LIMITS[case]]
    for (case, side), size in sorted(found.items()):
        print(f"{case} {side}: {size:.0f} bytes")
    sys.exit("\n".join(["failed:"] + over) if over else 0)


if __name__ == "__main__":
    main()
