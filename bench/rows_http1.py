"""Rows over HTTP/1.1 against nginx answering a constant: P1 (and P6's half), P2b, the single connection."""
import dataclasses

import profiles
import yard
from load import alternate, median, middle, ratio, slipway_load

TOLERANCE = 0.03  # P1 and P6 count as met within


def tiny(options, sheet):
    with yard.slipway() as server:
        ask = yard.ask_json("tiny", 8, server)
        with yard.running(yard.constant_json(ask)) as nginx:
            for connections in (8, 64):
                against_nginx(options, sheet, server, nginx, dataclasses.replace(ask, connections=connections))
                if any(not figure.held for figure in sheet.figures[-3:]) and not options.no_profile:
                    sheet.notes.append(profiles.of(server, dataclasses.replace(ask, connections=connections), yard.infer("tiny"), nginx))


def against_nginx(options, sheet, server, nginx, ask):
    found = alternate(options.rounds, nginx=lambda: slipway_load(nginx, ask, options.seconds),
                      slipway=lambda: slipway_load(server, ask, options.seconds, yard.infer("tiny")))
    rate, cpu = ratio(found["slipway"], found["nginx"], "rate"), ratio(found["slipway"], found["nginx"], "cpu")
    ours, theirs = middle(found["slipway"]), middle(found["nginx"])
    what = f"tiny JSON, {ask.connections} connections"
    sheet.add("P1", f"{what}: rate / nginx constant", f"{rate:.3f} ({ours.rate:.0f} / {theirs.rate:.0f} per s)", ">= 1.0 (- 3 %)",
              rate >= 1 - TOLERANCE, ours.latency())
    sheet.add("P1", f"{what}: CPU / nginx's", f"{cpu:.3f} ({ours.cpu:.2f} / {theirs.cpu:.2f} us)", "<= 1.0 (+ 3 %)", cpu <= 1 + TOLERANCE)
    beyond = median(a.cpu - b.cpu for a, b in zip(found["slipway"], found["nginx"]))
    sheet.add("P6", f"{what}: CPU beyond nginx's", f"{beyond:+.2f} us", "<= 0 us (+ 3 %)", beyond <= TOLERANCE * theirs.cpu)
    sheet.commands += [ours.command, theirs.command]
    sheet.numbers |= {f"slipway_cpu_{ask.connections}": ours.cpu, f"nginx_cpu_{ask.connections}": theirs.cpu}


def binary(options, sheet):
    with yard.slipway() as server, yard.running(yard.constant_binary(server, "tiny")) as nginx:
        ask = yard.ask_binary("tiny", 64)
        found = alternate(options.rounds, nginx=lambda: slipway_load(nginx, ask, options.seconds),
                          slipway=lambda: slipway_load(server, ask, options.seconds, yard.infer("tiny")))
        rate = ratio(found["slipway"], found["nginx"], "rate")
        ours, theirs = middle(found["slipway"]), middle(found["nginx"])
        sheet.add("P2b", "tiny binary, 64 connections: rate / nginx constant",
                  f"{rate:.3f} ({ours.rate:.0f} / {theirs.rate:.0f} per s; CPU {ours.cpu:.2f} / {theirs.cpu:.2f} us)", ">= 1.0", rate >= 1,
                  ours.latency())
        sheet.commands.append(ours.command)
        if sheet.has_missed() and not options.no_profile:
            sheet.notes.append(profiles.of(server, ask, yard.infer("tiny"), nginx))


def single(options, sheet):
    with yard.slipway() as server:
        ask = yard.ask_json("tiny", 1, server)
        with yard.running(yard.constant_json(ask)) as nginx:
            found = alternate(options.rounds, nginx=lambda: slipway_load(nginx, ask, options.seconds),
                              slipway=lambda: slipway_load(server, ask, options.seconds, yard.infer("tiny")))
        ours, theirs = middle(found["slipway"]), middle(found["nginx"])
        beyond = median(a.p50 - b.p50 for a, b in zip(found["slipway"], found["nginx"]))
        sheet.add("single", "tiny JSON, 1 connection: p50 beyond nginx's", f"{beyond:+.1f} us ({ours.p50:.1f} / {theirs.p50:.1f} us)",
                  "<= 15 us", beyond <= 15, ours.latency())
        sheet.commands.append(ours.command)
