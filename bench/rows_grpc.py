"""P2 (and P6's half): gRPC's ModelInfer with raw contents against nghttpd's constant and against gRPC's own C++ library."""
import contextlib

import profiles
import yard
from load import alternate, median, middle, ratio, slipway_load
from places import PROGRAMS
from servers import GRPC_PATH, GrpcEcho


def tiny(options, sheet):
    with yard.slipway() as server, contextlib.ExitStack() as others:
        nghttpd = others.enter_context(yard.running(yard.constant_grpc(server, "tiny")))
        echo = others.enter_context(yard.running(GrpcEcho())) if (PROGRAMS / "grpc_echo").exists() else None
        if not echo:
            sheet.notes.append("Not measured against gRPC's C++ library: Debian's libgrpc++-dev is not installed (`tools/setup.sh bench`).")
        for connections, streams in ((8, 8), (1, 64)):
            against(options, sheet, server, nghttpd, echo, connections, streams)
        single = middle([slipway_load(server, yard.ask_grpc("tiny", 8, 1), options.seconds, GRPC_PATH) for _ in range(options.rounds)])
        sheet.numbers["slipway_cpu_8x1"] = single.cpu
        if sheet.has_missed() and not options.no_profile:
            sheet.notes.append(profiles.of(server, yard.ask_grpc("tiny", 8, 8), GRPC_PATH, nghttpd))


def against(options, sheet, server, nghttpd, echo, connections, streams):
    ask = yard.ask_grpc("tiny", connections, streams)
    measures = {"nghttpd": lambda: slipway_load(nghttpd, ask, options.seconds),
                "slipway": lambda: slipway_load(server, ask, options.seconds, GRPC_PATH)}
    if echo:  # it answers the request's own bytes
        echoed = yard.Ask(ask.body, "grpc", connections, streams)
        measures["echo"] = lambda: slipway_load(echo, echoed, options.seconds)
    found = alternate(options.rounds, **measures)
    rate, ours, theirs = ratio(found["slipway"], found["nghttpd"], "rate"), middle(found["slipway"]), middle(found["nghttpd"])
    what = f"tiny gRPC, {connections} x {streams} streams"
    sheet.add("P2", f"{what}: rate / nghttpd constant", f"{rate:.3f} ({ours.rate:.0f} / {theirs.rate:.0f} per s)", ">= 0.85", rate >= 0.85,
              ours.latency())
    if echo:
        times = ratio(found["slipway"], found["echo"], "rate")
        library = middle(found["echo"])
        sheet.add("P2", f"{what}: rate / grpc++ callback echo", f"{times:.2f} ({library.rate:.0f} per s, {library.cpu:.1f} us)", ">= 3",
                  times >= 3)
    beyond = median(a.cpu - b.cpu for a, b in zip(found["slipway"], found["nghttpd"]))
    sheet.add("P6", f"{what}: CPU beyond nghttpd's", f"{beyond:+.2f} us ({ours.cpu:.2f} / {theirs.cpu:.2f})", "<= 1 us", beyond <= 1)
    sheet.commands += [ours.command, theirs.command]
    sheet.numbers[f"slipway_cpu_{connections}x{streams}"] = ours.cpu
