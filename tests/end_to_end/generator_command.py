"""The command line of slipway-load."""


def generator_command(program, url, body, seconds, *, protocol="http1", connections=8, streams=1, rate=None, warm_up=0, headers=(),
                      pids=(), expect=None, trailing_floats=0, more=()):
    """`body` and `expect` are files; `streams` counts for protocols that have them; `pids`: whose CPU is told."""
    command = [program, url, "--protocol", protocol, "--body", body, "--seconds", seconds, "--warm-up", warm_up,
               "--connections", connections, "--streams", 1 if protocol == "http1" else streams]
    for name, values in (("--header", headers), ("--pid", pids)):
        for value in values:
            command += [name, value]
    if rate:
        command += ["--rate", rate]
    if expect:
        command += ["--expect", expect, "--trailing-floats", trailing_floats]
    return [str(word) for word in [*command, *more]]
