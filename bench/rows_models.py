"""P5: models that take the time. mlp784 and slow against the composite bound, heavy against ONNX Runtime in a bare loop."""
import subprocess

import profiles
import yard
from load import median, middle, slipway_load
from places import MODELS, PROGRAMS, SERVER_CORE
from servers import GRPC_PATH


def raw_microseconds(name, batch):
    """Per run, on the server's core, of ONNX Runtime alone."""
    done = subprocess.run(["taskset", "-c", SERVER_CORE, str(PROGRAMS / "raw_run"), str(MODELS / f"{name}.onnx"), str(batch), "0.6"],
                          check=True, capture_output=True, text=True)
    return float(done.stdout)


def with_batch(server, name, measure):
    """(Load, the rows that an execution had on average)."""
    before = server.counters(name)
    load = measure()
    after = server.counters(name)
    return load, max(1, round((after[0] - before[0]) / max(1, after[1] - before[1])))


def protocols(server, name, connections):
    """(words, what is asked, path, how the constant of the same size is made)"""
    return (("binary", yard.ask_binary(name, connections), yard.infer(name), yard.constant_binary),
            ("gRPC", yard.ask_grpc(name, connections, 1), GRPC_PATH, yard.constant_grpc))


def against_bound(options, sheet, name):
    with yard.slipway() as server:
        for words, ask, path, make_constant in protocols(server, name, 64):
            with yard.running(make_constant(server, name)) as constant:
                rounds = []
                for _ in range(options.rounds):
                    limit = slipway_load(constant, ask, options.seconds).rate
                    load, batch = with_batch(server, name, lambda: slipway_load(server, ask, options.seconds, path))
                    in_process = batch * 1e6 / raw_microseconds(name, batch)
                    rounds.append((load, batch, limit, in_process, load.rate * (1 / limit + 1 / in_process)))
            loads, batches, limits, in_processes, ratios = zip(*rounds)
            ours, share, batch = middle(loads), median(ratios), median(batches)
            sheet.add("P5", f"{name} {words}, 64 connections: rate / composite bound",
                      f"{share:.3f} ({ours.rate:.0f} per s; constant {median(limits):.0f}, in process {median(in_processes):.0f} "
                      f"by {batch:.0f}; CPU {ours.cpu:.1f} us)", ">= 0.95", share >= 0.95, ours.latency())
            sheet.commands.append(ours.command)
            sheet.numbers[f"slipway_cpu_{words}"] = ours.cpu
            if not sheet.figures[-1].held and not options.no_profile:
                sheet.notes.append(profiles.of(server, ask, path))


def mlp784(options, sheet):
    against_bound(options, sheet, "mlp784")


def slow(options, sheet):
    against_bound(options, sheet, "slow")


def heavy(options, sheet):
    seconds = options.seconds * 2  # a batch of 16 takes 40 ms: a window must hold many
    with yard.slipway() as server:
        yard.constant_grpc(server, "heavy").stop()  # for the expected answer
        for words, ask, path, _ in protocols(server, "heavy", 16):
            found = []
            for _ in range(options.rounds):
                load, batch = with_batch(server, "heavy", lambda: slipway_load(server, ask, seconds, path))
                found.append((load, batch, batch * 1e6 / raw_microseconds("heavy", batch)))
            share = median(load.rate / raw for load, _, raw in found)
            ours = middle([load for load, _, _ in found])
            sheet.add("P5", f"heavy {words}, 16 connections: rate / raw in-process",
                      f"{share:.3f} ({ours.rate:.1f} / {median(raw for _, _, raw in found):.1f} per s by {median(b for _, b, _ in found):.0f})",
                      ">= 0.98", share >= 0.98, ours.latency())
            sheet.commands.append(ours.command)
            if not sheet.figures[-1].held and not options.no_profile:
                sheet.notes.append(profiles.of(server, ask, path))
