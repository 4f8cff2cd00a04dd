"""A push whose server ends while the version is verified."""
import contextlib
import http.client
import threading

import packages
from fixture import eventually

SLOW = packages.tar_gz(packages.echo(1, "slow", "cost 300000 0\n", "warmup: {runs: 3}\n"))


def eventually_in_stage(api, stage):
    def is_there():
        answer = api.version("slow", 1)
        return answer.status == 200 and answer.json["stage"] == stage
    eventually(is_there, f"version 1 to be {stage}")


def push_until(server, end):
    """Pushes slow:1, and calls `end` on the server once the version is registered."""
    def in_vain():
        with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
            server.api().push(SLOW, "slow")
    pushing = threading.Thread(target=in_vain)
    pushing.start()
    eventually_in_stage(server.api(), "registered")
    end(server)
    pushing.join()
