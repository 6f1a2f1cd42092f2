"""The figures of a run as a table: a line a case, a column a server."""

ORDER = ("handfast", "nginx", "haproxy", "hitch", "mitmproxy", "mitmproxy-stream")


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def cell(row):
    if row is None:
        return ""
    return number(row["value"]) + ("" if row["spread"] is None else f" ~{row['spread'] * 100:.0f}%")


def aim(rows):
    row = next((row for row in rows if row["aim"] is not None), None)
    if row is None:
        return ""
    less = row["better"] == "less"
    reached = row["value"] <= row["aim"] if less else row["value"] >= row["aim"]
    return f"{'<=' if less else '>='} {row['aim']}: {'reached' if reached else 'missed'}"


def text(machine, rows, skipped):
    """Everything for a terminal."""
    names = [name for name in ORDER if any(row["server"] == name for row in rows)]
    lines = [["case", "unit", *names, "aim"]]
    for case in dict.fromkeys(row["case"] for row in rows):
        here = [row for row in rows if row["case"] == case]
        by_server = {row["server"]: row for row in here}
        lines.append([case, here[0]["unit"], *(cell(by_server.get(name)) for name in names), aim(here)])
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    out = [f"{machine['cpu']}, {machine['cores']} cores, a load of {machine['load_before']:.1f} before"]
    out += [f"{name}: {version}" for name, version in machine["versions"].items() if version]
    out.append("")
    for line in lines:
        parts = [word.ljust(width) if i < 2 or i == len(line) - 1 else word.rjust(width)
                 for i, (word, width) in enumerate(zip(line, widths))]
        out.append("  ".join(parts).rstrip())
    out.append("")
    out += [f"skipped: {skip['what']}: {skip['why']}" for skip in skipped]
    return "\n".join(out).rstrip()
