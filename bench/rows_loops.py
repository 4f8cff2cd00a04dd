"""P13: what a second event loop costs per request."""
import contextlib
import os

import yard
from load import alternate, counted_cpu, load_command, median, shown


def cores():
    """(of the servers, of the generators). On two cores each pair shares them, which one loop and two suffer alike."""
    return (("0", "1"), ("2", "3")) if os.cpu_count() >= 4 else (("0", "1"), ("1", "0"))


def two_loops(options, sheet):
    """One process with two loops against two processes with one loop each: the same cores, connections and generators, so that
    what differs is what loops of one process share. Every generator's connections go to all loops in both: where each asked one
    process alone, the kernel would let that pair take turns on a core, and would count for processes what is its doing."""
    server_cores, generator_cores = cores()
    with contextlib.ExitStack() as stack:
        both = ",".join(server_cores)
        double = stack.enter_context(yard.slipway("--loops", "2", core=both))
        singles = [stack.enter_context(yard.slipway("--loops", "1", data=yard.twin(f"one{core}"), core=both)) for core in server_cores]
        ask = yard.ask_json("tiny", 16, double)

        def measure(*servers):
            urls = [server.url + yard.infer("tiny") for server in servers] * (2 // len(servers))
            commands = [(core, load_command(url, ask, options.seconds + 2)) for core in generator_cores for url in urls]
            return counted_cpu(servers, commands, options.seconds)

        found = alternate(options.rounds, one=lambda: measure(*singles), two=lambda: measure(double))
        share = median(two / one for one, two in zip(found["one"], found["two"]))
        sheet.add("P13", "tiny JSON, two loops: CPU / two processes of one loop",
                  f"{share:.3f} ({median(found['two']):.2f} / {median(found['one']):.2f} us)", "<= 1.05", share <= 1.05)
        sheet.commands.append("4 x " + shown(load_command("http://127.0.0.1:PORT" + yard.infer("tiny"), ask, options.seconds + 2)))
