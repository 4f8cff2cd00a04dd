"""Limits of rollouts by queries to a Prometheus server: a stand-in on loopback that answers as it is told."""
import http.server
import json
import threading
import unittest
import urllib.parse

import packages
from fixture import Server, WithServer, eventually
from rollout_evidence_test import ERRORS, begin, given_model, standing

PLAN = """\
stages: [{canary: {weights: [20%], dwell: 1h}}]
limits: [{name: queue, server: main, query: 'sum(queue_depth{job="db"})', most: 10}]
metrics:
""" + ERRORS


class Prometheus(http.server.ThreadingHTTPServer):
    """Answers every query with `value`; None: no series. Keeps what it was asked."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.value, self.asked = None, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Answering(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.server.asked.append((path, urllib.parse.parse_qs(query)))
        series = [] if self.server.value is None else [{"metric": {}, "value": [1795000000, str(self.server.value)]}]
        body = json.dumps({"status": "success", "data": {"resultType": "vector", "result": series}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Limited(unittest.TestCase):
    def test_a_limit_holds_without_a_value_and_rolls_back_when_it_is_broken(self):
        with Prometheus() as prometheus, Server(options=("--prometheus", f"main={prometheus.url}")) as server:
            test = WithServer()
            test.server, test.api = server, server.api()
            given_model(test, "limited")
            number = begin(test.api, "limited", PLAN)
            holding = lambda: standing(test.api, number).get("holding") or ""
            eventually(lambda: prometheus.asked, "a query")
            self.assertEqual(prometheus.asked[0], ("/api/v1/query", {"query": ['sum(queue_depth{job="db"})']}))
            decisions = lambda: test.api.get(f"/api/v1/rollouts/{number}/decisions?limit=500").json["decisions"]
            prometheus.value = 11
            eventually(lambda: standing(test.api, number)["state"] == "aborted", lambda: f"a way back, found {holding()}")
            reason = standing(test.api, number)["reason"]
            self.assertIn("queue: 11 is more than 10 (asked of main: not randomised, only a fuse)", reason)
            back = next(d for d in decisions() if d["state"] == "restoring")
            inputs = json.loads(back["evidence"]) if isinstance(back["evidence"], str) else back["evidence"]
            self.assertEqual(inputs["limits"], [{"name": "queue", "server": "main", "value": 11, "most": 10, "randomised": False}])

    def test_servers_that_the_configuration_does_not_name_are_not_asked(self):
        with Prometheus() as prometheus, Server() as server:
            test = WithServer()
            test.server, test.api = server, server.api()
            given_model(test, "unnamed")
            for name in ("main", prometheus.url):
                body = {"model": "unnamed", "candidates": ["2"], "reason": "x", "plan": PLAN.replace("server: main", f"server: '{name}'")}
                answer = test.api.post("/api/v1/rollouts", body)
                self.assertEqual(answer.status, 400, str(answer))
                self.assertIn("expected one that the setting prometheus names (it names none)", str(answer))
            self.assertEqual(prometheus.asked, [])


if __name__ == "__main__":
    unittest.main()
