"""What an operator sees: metrics, request ids, logs."""
import json
import re
import unittest

import packages
from fixture import Server, WithServer, eventually

LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{{({LABEL}(?:,{LABEL})*),?\}})? (-?[0-9.]+(?:[eE][-+]?[0-9]+)?|NaN|[-+]Inf)")


def samples(text):
    """name{labels} -> value; refuses what is not Prometheus text."""
    found, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types, f"two TYPE lines for {name}"
            types[name] = kind
        elif not line.startswith("#") and line:
            match = SAMPLE.fullmatch(line)
            assert match, f"not a sample: {line!r}"
            key = f"{match[1]}{{{match[2] or ''}}}"
            assert key not in found, f"{key} twice"
            found[key] = float(match[3])
            family = re.sub(r"_(bucket|sum|count)$", "", match[1])
            assert match[1] in types or family in types, f"no TYPE line before {line!r}"
    return found, types


def total(found, name, *labels):
    return sum(v for k, v in found.items() if k.startswith(name + "{") and all(label in k for label in labels))


class Metrics(WithServer):
    def read(self):
        answer = self.server.anonymous().get("/metrics")
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.headers["content-type"].startswith("text/plain"), answer.headers)
        self.assertTrue(answer.body.endswith(b"\n"))
        return samples(answer.body.decode())

    def test_every_line_is_valid_and_requests_are_counted(self):
        name = 'odd "name" \\ here'
        self.given_version(packages.tar_gz(packages.echo(1)), name)
        self.given_live(name)
        for number in range(5):
            self.assertEqual(self.api.infer(name, packages.nonce(number)).status, 200)
        self.assertEqual(self.api.infer(name, {"nonce": ("FP32", [1, 1], [1])}).status, 400)
        found, types = self.read()
        self.assertIn("histogram", types.values())
        model = r'"odd \"name\" \\ here"'
        counts = [v for k, v in found.items() if model in k and re.match(r"slipway_[a-z_]*requests?_[a-z_]*total|slipway_requests_total", k)]
        self.assertGreaterEqual(sum(counts), 5, f"{sorted(k for k in found if model in k)}")
        self.assertTrue(any(k.startswith("slipway_build_info{") for k in found), sorted(found)[:10])

    def test_histograms_add_up(self):
        self.given_version(packages.tar_gz(packages.echo(1)), "timed")
        self.given_live("timed")
        for number in range(20):
            self.api.infer("timed", packages.nonce(number))
        found, types = self.read()
        for name in (n for n, kind in types.items() if kind == "histogram"):
            buckets = {}
            for key, value in found.items():
                if key.startswith(name + "_bucket{"):
                    series = re.sub(r',?le="[^"]*"', "", key[len(name) + 7:]).replace("{,", "{")
                    buckets.setdefault(series, []).append((float(re.search(r'le="([^"]*)"', key)[1].replace("+Inf", "inf")), value))
            for series, pairs in buckets.items():
                pairs.sort()
                values = [v for _, v in pairs]
                self.assertEqual(values, sorted(values), f"{name}{series} is not cumulative")
                self.assertEqual(pairs[-1][0], float("inf"))
                self.assertEqual(values[-1], found[f"{name}_count{series}"], f"{name}{series}")

    def test_counters_only_grow(self):
        before, types = self.read()
        self.api.get("/v2/health/live")
        after, _ = self.read()
        for key, value in before.items():
            if types.get(key.split("{")[0]) == "counter":
                self.assertGreaterEqual(after[key], value, key)


class RequestIds(WithServer):
    def test_every_answer_has_one_of_its_own(self):
        paths = ("/v2/health/live", "/v2/models/absent", "/nowhere", "/api/v1/models")
        ids = [self.api.get(path).headers.get("x-request-id") for path in paths]
        self.assertTrue(all(ids), ids)
        self.assertEqual(len(set(ids)), len(ids))

    def test_the_callers_own_is_given_back(self):
        answer = self.api.get("/v2/health/live", headers={"X-Request-Id": "caller-42"})
        self.assertEqual(answer.headers["x-request-id"], "caller-42")

    def test_one_that_would_harm_a_log_is_not(self):
        for given in ("x" * 5000, "\x1b[31mred", "tab\there"):
            with self.subTest(given=given[:20]):
                answer = self.api.get("/v2/health/live", headers={"X-Request-Id": given})
                self.assertNotEqual(answer.headers.get("x-request-id", ""), given)


class Logs(unittest.TestCase):
    def lines(self, server, path):
        return [r for r in self.records(server) if path in json.dumps(r)]

    def records(self, server):
        made = []
        for line in server.log_path.read_text().splitlines():
            if line.startswith("{"):
                made.append(json.loads(line))
        return made

    def test_all_requests_are_logged_as_json_when_asked(self):
        with Server(options=("--access-log", "all", "--log-format", "json")) as server:
            server.anonymous().get("/v2/models/logged-model", headers={"X-Request-Id": "trace-7"})
            found = eventually(lambda: self.lines(server, "logged-model"), "a line of the access log")
            text = json.dumps(found[0])
            for word in ("GET", "404", "trace-7"):
                self.assertIn(word, text)

    def test_by_default_only_failures_and_slow_requests_are(self):
        with Server(options=("--log-format", "json")) as server:
            api = server.anonymous()
            api.get("/v2/health/live?good-one")
            api.get("/v2/models/failed-one")
            eventually(lambda: self.lines(server, "failed-one"), "a line about the failure")
            self.assertEqual(self.lines(server, "good-one"), [])

    def test_no_request_can_write_a_line_of_its_own(self):
        with Server(options=("--access-log", "all", "--log-format", "json")) as server:
            api = server.anonymous()
            api.get("/v2/models/%0a%7b%22forged%22%3a1%7d%1b[31m", headers={"User-Agent": "\x1b]0;x\x07"})
            api.get("/v2/models/after")
            eventually(lambda: self.lines(server, "models/after"), "the next line")
            raw = server.log_path.read_bytes()
            self.assertEqual([b for b in raw if b < 32 and b != 10], [], "no control character reaches a log")
            self.assertFalse(any("forged" in r for r in self.records(server)))

    def test_a_token_never_reaches_the_log(self):
        with Server(options=("--access-log", "all", "--log-format", "json", "--log-level", "debug")) as server:
            api = server.api()
            secret = api.post("/api/v1/tokens", {"name": "quiet", "role": "viewer"}).json["secret"]
            server.api(secret).get("/api/v1/models")
            server.api("slw_" + "1" * 64).get("/api/v1/models/last-line")
            eventually(lambda: self.lines(server, "last-line"), "the last line")
            text = server.log_path.read_text()
            self.assertTrue(all(s not in text for s in (secret, server.admin_token, "1" * 64)))


if __name__ == "__main__":
    unittest.main()
