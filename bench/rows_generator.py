"""The generator itself: slipway-load against wrk and h2load on servers that answer a constant, and what it costs.

In a closed loop a cheaper generator finds a higher rate, because it is the other half of every round trip. So there is also a
constant that takes the server longer than any generator (nginx compresses it each time): there they have to agree.
"""
import dataclasses

import yard
from load import alternate, h2load, median, middle, slipway_load, wrk
from servers import Nginx

GZIP = "gzip on; gzip_min_length 1; gzip_types application/json; gzip_comp_level 6;"


def http1(options, sheet):
    with yard.slipway() as server:
        ask = yard.ask_json("tiny", 8, server)
    reply = ask.expect.read_text()
    slow_ask = dataclasses.replace(ask, connections=64, expect=None, headers=(*ask.headers, "Accept-Encoding: gzip"))
    with yard.running(Nginx(reply), Nginx(reply * 16, GZIP)) as (nginx, slow):
        compare(options, sheet, "wrk, nginx constant", nginx, ask, wrk)
        compare(options, sheet, "wrk, nginx constant", nginx, dataclasses.replace(ask, connections=64), wrk)
        compare(options, sheet, "wrk, nginx compressing", slow, slow_ask, wrk)


def grpc(options, sheet):
    with yard.slipway() as server:
        constant = yard.constant_grpc(server, "tiny")
    headers = ("content-type: application/grpc", "te: trailers")
    with yard.running(constant) as nghttpd:
        for connections, streams in ((8, 8), (1, 64)):
            ask = yard.ask_grpc("tiny", connections, streams)
            compare(options, sheet, "h2load, nghttpd constant", nghttpd, dataclasses.replace(ask, protocol="http2", expect=None, headers=headers), h2load)


def compare(options, sheet, name, server, ask, other):
    found = alternate(options.rounds, other=lambda: other(server, ask, max(1, round(options.seconds)))[0],
                      ours=lambda: slipway_load(server, ask, options.seconds))
    ours, theirs = middle(found["ours"]), median(found["other"])
    what = f"slipway-load / {name}, {ask.connections} x {ask.streams}"
    between = median(a.rate / b for a, b in zip(found["ours"], found["other"]))
    sheet.add("generator", f"{what}: rate", f"{between:.3f} ({ours.rate:.0f} / {theirs:.0f} per s)", "0.95 .. 1.05", 0.95 <= between <= 1.05)
    sheet.add("generator", f"{what}: its CPU / server's", f"{ours.own_cpu / ours.cpu:.2f} ({ours.own_cpu:.2f} / {ours.cpu:.2f} us)", "< 1",
              ours.own_cpu < ours.cpu)
    sheet.commands.append(ours.command)
