#!/usr/bin/env python3
"""driver.py LOAD HANDFAST: the proxy beside HAProxy, nginx, hitch and mitmproxy, in one run; bench/README.md says how to
read it. LOAD is build/release/proxy-load, HANDFAST the program. Everything runs on loopback, and ends by itself."""

import argparse
import json
import os
import pathlib
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time

import machine
import servers
import table

MB = 1e6


class Failed(Exception):
    """A measurement that came to nothing."""


class Case:
    """Something to measure: arguments of the load generator, and what becomes of its result and of the server's CPU."""

    def __init__(self, name, unit, arguments, value, rounds=5, aim=None, better="less", served=lambda server: True, fresh=False):
        self.name, self.unit, self.arguments, self.value = name, unit, arguments, value
        self.rounds, self.aim, self.better, self.served, self.fresh = rounds, aim, better, served, fresh


def microseconds_each(result, cpu, _):
    return cpu / result["count"] * 1e6


def each_per_cpu_second(result, cpu, _):
    return result["count"] / cpu


def megabytes_per_cpu_second(result, cpu, _):
    return result["bytes"] / MB / cpu


def kilobytes_each(result, _, grown):
    return grown / result["count"] / 1024


def is_http(server):
    return server.http


def looks_at_all(server):
    return not isinstance(server, servers.MitmproxyStreaming)


def terminating_cases(quick):
    count = 100 if quick else 1000
    rounds, few = (1, 1) if quick else (5, 3)
    times = 1 if quick else 4
    idle = 200 if quick else 4000
    shake = ["handshakes", "--count", count]
    return [
        Case("handshake-full", "us CPU", shake, microseconds_each, rounds, aim=200),
        Case("handshake-psk", "us CPU", [*shake, "--resumed"], microseconds_each, rounds),
        Case("handshake-full-tls12", "us CPU", [*shake, "--tls", "1.2"], microseconds_each, rounds),
        Case("handshake-ticket-tls12", "us CPU", [*shake, "--tls", "1.2", "--resumed"], microseconds_each, rounds),
        Case("requests", "per CPU s", ["requests", "--connections", 64, "--milliseconds", 300 if quick else 2000],
             each_per_cpu_second, few, better="more", served=is_http),
        Case("download", "MB per CPU s", ["transfer", "--path", "/large", "--times", times], megabytes_per_cpu_second, few,
             better="more"),
        Case("upload", "MB per CPU s", ["transfer", "--path", "/sink", "--upload", servers.LARGE, "--times", times],
             megabytes_per_cpu_second, few, better="more"),
        Case("idle", "KB a connection", ["idle", "--connections", idle], kilobytes_each, 1, aim=12, fresh=True),
    ]


def intercepting_cases(quick):
    count = 50 if quick else 200
    rounds = 1 if quick else 3
    download = ["transfer", "--path", "/medium", "--times", 1]
    return [
        Case("intercept-download", "MB per CPU s", download, megabytes_per_cpu_second, rounds, better="more"),
        Case("intercept-requests", "per CPU s", ["requests", "--connections", 16, "--milliseconds", 300 if quick else 2000],
             each_per_cpu_second, rounds, better="more", served=looks_at_all),
        Case("intercept-visits", "per CPU s", ["handshakes", "--count", count, "--path", "/"], each_per_cpu_second, rounds,
             better="more", served=looks_at_all),
    ]


class Bench:
    def __init__(self, load, folder, end):
        self.load, self.folder, self.end = load, folder, end
        self.server_core, self.load_core = machine.cores()
        self.rows, self.skipped = [], []

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def skip(self, what, why):
        self.skipped.append({"what": what, "why": why})
        self.say(f"skipped: {what}: {why}")

    def run_load(self, server, target, arguments, with_memory=False):
        """The result of the load generator, and what the server took meanwhile: CPU seconds, bytes."""
        load = machine.start([self.load, *arguments, *target], self.load_core, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        signal.alarm(120)
        try:
            if load.stdout.readline() != "ready\n":
                raise Failed(load.communicate()[1].strip() or "the generator did not start")
            memory = machine.memory(server.process) if with_memory else 0
            cpu = machine.settled_cpu_seconds(server.process)
            load.stdin.write("\n")
            load.stdin.flush()
            line = load.stdout.readline()
            if not line:
                raise Failed(load.communicate()[1].strip())
            cpu = machine.settled_cpu_seconds(server.process) - cpu
            grown = machine.memory(server.process) - memory if with_memory else 0
            return json.loads(line), cpu, grown
        except TimeoutError:
            raise Failed("it took more than two minutes") from None
        finally:
            signal.alarm(0)
            machine.stop(load)

    def measure(self, case, server, target):
        if case.fresh:
            # What a process makes once is there before the count, which starts from a process that has nothing to reuse.
            server = type(server)(servers.new_folder(self.folder, server.name), server.core, server.certificates, server.origin)
            with server:
                target = target_of(server)
                self.run_load(server, target, ["handshakes", "--count", 200, "--path", "/"])
                return case.value(*self.run_load(server, target, case.arguments, with_memory=True))
        return case.value(*self.run_load(server, target, case.arguments))

    def run_case(self, case, all_servers, target):
        values = {server.name: [] for server in all_servers if case.served(server)}
        for number in range(case.rounds):
            for server in all_servers:
                if server.name not in values or number and time.monotonic() > self.end:
                    continue
                try:
                    values[server.name].append(self.measure(case, server, target(server)))
                except (Failed, RuntimeError) as failure:
                    del values[server.name]
                    self.skip(f"{case.name} of {server.name}", f"failed: {failure}")
        for name, measured in values.items():
            self.rows.append({"case": case.name, "server": name, "unit": case.unit, "value": statistics.median(measured),
                              "spread": spread(measured), "runs": len(measured), "better": case.better,
                              "aim": case.aim if name == "handfast" else None})
            self.say(f"  {case.name} {name}: {statistics.median(measured):.1f} {case.unit}")

    def run_all(self, group, cases, target):
        """Starts the servers of a group, and gives each case to all that run, in turn."""
        running = []
        try:
            for server in group:
                try:
                    running.append(server.__enter__())
                except (servers.Missing, RuntimeError, OSError) as failure:
                    self.skip(server.name, str(failure))
            for case in cases:
                self.run_case(case, running, target)
        finally:
            for server in running:
                server.__exit__()


def spread(values):
    """The interquartile range over the median; of one value, nothing."""
    if len(values) < 2:
        return None
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / statistics.median(values)


def target_of(server):
    return ["--port", server.port]


def add_ratios(rows):
    """Interception is to have twenty times what mitmproxy has, as it is shipped."""
    values = {(row["case"], row["server"]): row["value"] for row in rows}
    for case, server in list(values):
        if server == "handfast" and (case, "mitmproxy") in values:
            rows.append({"case": case + "-ratio", "server": server, "unit": "times mitmproxy",
                         "value": values[case, server] / values[case, "mitmproxy"], "spread": None, "runs": None,
                         "better": "more", "aim": 20})


def about(all_servers):
    return {"cpu": next((line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                         if line.startswith("model name")), platform.processor()),
            "cores": len(os.sched_getaffinity(0)), "load_before": os.getloadavg()[0],
            "versions": {server.name: servers.version(server) for server in all_servers}}


def wanted(cases, only):
    return [case for case in cases if not only or any(case.name.startswith(word) for word in only)]


def on_alarm(*_):
    raise TimeoutError


def on_end(*_):
    sys.exit(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("load")
    parser.add_argument("handfast")
    parser.add_argument("--json", action="store_true", help="print JSON, nothing else, on standard output")
    parser.add_argument("--quick", action="store_true", help="one short run of each, to see that it works")
    parser.add_argument("--only", action="append", help="cases that begin with this; may be repeated")
    parser.add_argument("--server", action="append", help="only this one; may be repeated")
    parser.add_argument("--seconds", type=int, default=480, help="start no further round after that many")
    options = parser.parse_args()
    signal.signal(signal.SIGALRM, on_alarm)
    signal.signal(signal.SIGTERM, on_end)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        bench = Bench(options.load, folder, time.monotonic() + options.seconds)
        certificates = servers.Certificates(folder)
        servers.Handfast.program = servers.HandfastIntercept.program = options.handfast
        with servers.Sink(folder / "sink", bench.load_core, options.load) as sink, \
                servers.Origin(folder / "origin", bench.load_core, certificates, sink) as origin:
            def chosen(kinds, *more):
                return [kind(servers.new_folder(folder, kind.name), bench.server_core, certificates, *more) for kind in kinds
                        if not options.server or kind.name in options.server]

            ending = chosen([servers.Handfast, servers.Nginx, servers.HAProxy, servers.Hitch], origin)
            between = chosen([servers.HandfastIntercept, servers.Mitmproxy, servers.MitmproxyStreaming])
            machine_says = about(ending + between)
            if cases := wanted(terminating_cases(options.quick), options.only):
                bench.run_all(ending, cases, target_of)
            if cases := wanted(intercepting_cases(options.quick), options.only):
                bench.run_all(between, cases, lambda server: ["--port", origin.tls_port, "--through", server.port])
    add_ratios(bench.rows)
    if options.json:
        print(json.dumps({"machine": machine_says, "rows": bench.rows, "skipped": bench.skipped}, indent=1))
    else:
        print(table.text(machine_says, bench.rows, bench.skipped))
    return 0 if bench.rows else 1


if __name__ == "__main__":
    sys.exit(main())
