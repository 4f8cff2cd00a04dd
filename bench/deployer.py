"""Who deploys while bench/run.py measures."""
import http.client
import json
import os
import threading
import time


class Deployer(threading.Thread):
    """Deploys versions 1 and 2 of tiny in turn, one every 100 ms, and waits for each to answer. One connection, on the
    generator's core, in its idle time: the starts of a command (18 ms of CPU each) would be measured instead."""

    EVERY = 0.1

    def __init__(self, server):
        super().__init__()
        self.server, self.stopping, self.swaps, self.failure = server, threading.Event(), 0, None

    def run(self):
        os.sched_setaffinity(0, {1})
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
        try:
            while not self.stopping.is_set():
                began = time.monotonic()
                self.deploy(1 + self.swaps % 2)
                self.swaps += 1
                time.sleep(max(0, began + self.EVERY - time.monotonic()))
        except Exception as failure:  # told by stop()
            self.failure = failure

    def deploy(self, version):
        connection = http.client.HTTPConnection(self.server.url.removeprefix("http://"))
        token = (self.server.data / "admin.token").read_text().strip()
        connection.request("PUT", "/api/v1/serving/tiny", json.dumps({"version": version}),
                           {"Authorization": "Bearer " + token, "Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status >= 300:
            raise RuntimeError(f"deploying version {version} of tiny: {answer.status} {text}")
        until = time.monotonic() + 20
        while True:
            connection.request("GET", f"/v2/models/tiny/versions/{version}/ready")
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                return connection.close()
            if time.monotonic() > until:
                raise RuntimeError(f"version {version} of tiny is not live after 20 s")
            time.sleep(0.01)

    def stop(self):
        self.stopping.set()
        self.join()
        if self.failure:
            raise self.failure
