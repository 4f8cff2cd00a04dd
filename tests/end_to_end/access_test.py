"""Who may do what: tokens, roles, every route against every caller, and the first start."""
import json
import re
import stat
import struct
import unittest

import packages
from api import connection_to
from fixture import Server, WithServer, eventually, run
from http2 import Http2

READS = {"public", "read-metadata", "read-metrics", "read-registry"}
# Written down here once more, so that a change of the product's table has to be meant.
MAY = {
    "viewer": READS,
    "predictor": {"public", "predict", "read-metadata"},
    "operator": READS | {"predict", "write-registry", "deploy"},
    "approver": READS | {"predict", "approve"},
    "admin": READS | {"predict", "write-registry", "deploy", "manage-tokens", "manage-server", "approve", "override"},
    "anonymous": {"public", "predict", "read-metadata", "read-metrics"},
}
EVERYTHING = MAY["admin"]


def route_table():
    done = run("routes")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def concrete(pattern):
    """A path that the route matches and that names nothing which exists."""
    return re.sub(r"\{[^}]*\}", "absent", re.sub(r"\{[^}]*version[^}]*\}", "1", pattern))


def is_mlflow(route):
    return route["pattern"].startswith("/api/2.0/mlflow")


def refusal_of(route, answer):
    """The word by which a program tells the refusal: MLflow's and Seldon's on their routes, ours elsewhere."""
    if route["pattern"].endswith("/api/v1.0/feedback"):
        return answer.json["status"]["reason"]
    return answer.json.get("error_code") if is_mlflow(route) else answer.code


def refusals(route):
    return {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED"} if is_mlflow(route) else {401: "Denied", 403: "Denied"}


class RouteMatrix(WithServer):
    """Every route of the table with every caller."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.routes = route_table()
        api = cls.server.api()
        cls.callers = {"anonymous": cls.server.anonymous(), "admin": api}
        for role in ("viewer", "predictor", "operator", "approver"):
            secret = api.post("/api/v1/tokens", {"name": role, "role": role}).json["secret"]
            cls.callers[role] = cls.server.api(secret)
        revoked = api.post("/api/v1/tokens", {"name": "revoked", "role": "admin"}).json["secret"]
        api.delete("/api/v1/tokens/revoked")
        expired = api.post("/api/v1/tokens", {"name": "expired", "role": "admin", "expires_in_seconds": 1}).json["secret"]
        eventually(lambda: cls.server.api(expired).get("/api/v1/models").status == 401, "the token to expire")
        cls.strangers = {"expired": cls.server.api(expired), "revoked": cls.server.api(revoked), "made up": cls.server.api("slw_" + "0" * 64),
                         "garbage": cls.server.api("%s\t'\"--"), "empty": cls.server.api("")}

    def ask(self, api, route):
        body = b"{}" if route["method"] in ("POST", "PUT") else None
        return api.request(route["method"], concrete(route["pattern"]), body, {"Content-Type": "application/json"})

    def test_the_table_is_whole(self):
        self.assertGreater(len(self.routes), 30)
        self.assertEqual({r["permission"] for r in self.routes} - EVERYTHING, set())
        public = {r["pattern"] for r in self.routes if r["permission"] == "public"}
        self.assertTrue(all("health" in p.lower() or p.lower().endswith(("ready", "live")) for p in public), public)

    def test_each_caller_gets_exactly_what_its_role_may(self):
        for route in self.routes:
            for caller, api in self.callers.items():
                with self.subTest(route=f"{route['method']} {route['pattern']}", caller=caller):
                    answer = self.ask(api, route)
                    denied = 401 if caller == "anonymous" else 403
                    if route["permission"] in MAY[caller]:
                        self.assertNotIn(answer.status, (401, 403), str(answer))
                    else:
                        self.assertEqual((answer.status, refusal_of(route, answer)), (denied, refusals(route)[denied]), str(answer))

    def test_a_token_that_is_not_good_opens_nothing(self):
        for route in self.routes:
            if route["permission"] == "public":
                continue
            for caller, api in self.strangers.items():
                with self.subTest(route=f"{route['method']} {route['pattern']}", caller=caller):
                    answer = self.ask(api, route)
                    anonymous = caller == "empty" and route["permission"] in MAY["anonymous"]
                    if not anonymous:
                        self.assertEqual(answer.status, 401, str(answer))

    def over_http2(self, token, routes, content_type, body):
        """The head of each route's answer."""
        headers = [] if token is None else [("authorization", "Bearer " + token)]
        with Http2(self.server.address) as connection:
            for route in routes:
                has_body = route["method"] in ("POST", "PUT", "PATCH")
                yield connection.ask(route["method"], concrete(route["pattern"]), headers + [("content-type", content_type)] * has_body,
                                     body if has_body else None)

    def test_http2_asks_for_the_same_as_http1(self):
        for caller, api in (self.callers | self.strangers).items():
            if caller == "garbage":
                continue  # no field of HTTP/2 can hold it
            token = None if caller == "empty" else api.token
            may = MAY.get(caller, MAY["anonymous"] if caller == "empty" else {"public"})
            for route, answer in zip(self.routes, self.over_http2(token, self.routes, "application/json", b"{}")):
                if route["permission"] == "public" and caller in self.strangers:
                    continue  # a token that is not good may be refused there too
                with self.subTest(route=f"{route['method']} {route['pattern']}", caller=caller):
                    denied = "403" if caller in MAY and caller != "anonymous" else "401"
                    if route["permission"] in may:
                        self.assertNotIn(answer[":status"], ("401", "403"))
                    else:
                        self.assertEqual(answer[":status"], denied)

    def test_grpc_asks_for_the_same_as_http(self):
        routes = [r for r in self.routes if r["pattern"].startswith(("/grpc.", "/inference.")) and r["permission"] != "public"]
        self.assertGreater(len(routes), 15)
        for caller, api in (self.callers | self.strangers).items():
            if caller in ("garbage", "empty"):
                continue
            for route, answer in zip(routes, self.over_http2(api.token, routes, "application/grpc", bytes(5))):
                with self.subTest(route=route["pattern"], caller=caller):
                    self.assertEqual(answer[":status"], "200")
                    if route["permission"] in MAY.get(caller, set()):
                        self.assertNotIn(answer.get("grpc-status"), ("7", "16"))
                    else:
                        self.assertEqual(answer["grpc-status"], "7" if caller in MAY and caller != "anonymous" else "16")

    def test_no_spelling_of_a_path_gets_around_its_permission(self):
        for route in self.routes:
            if route["permission"] in MAY["anonymous"]:
                continue
            path = concrete(route["pattern"])
            spellings = (path + "/", "/" + path, path.replace("/", "//"), path.upper(), path.replace("api", "%61pi"),
                         "/x/.." + path, "/." + path, path + "/.", path + ";x", path + "%00", path.replace("/", "%2f"),
                         path + "?x", path + "#x")
            for spelling in spellings:
                with self.subTest(method=route["method"], path=spelling):
                    answer = self.callers["anonymous"].request(route["method"], spelling, b"{}" if route["method"] != "GET" else None)
                    self.assertIn(answer.status, (400, 401, 403, 404, 405), str(answer))

    def test_other_methods_of_a_route_do_nothing(self):
        known = {}
        for route in self.routes:
            known.setdefault(route["pattern"], set()).add(route["method"])
        for pattern, methods in known.items():
            for method in ("DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"):
                if method in methods:
                    continue
                with self.subTest(method=method, pattern=pattern):
                    answer = self.callers["anonymous"].request(method, concrete(pattern))
                    self.assertIn(answer.status, (400, 401, 403, 405, 501), str(answer))


class NothingForAnonymous(WithServer):
    options = ("--anonymous", "nothing")

    def test_only_health_is_open(self):
        api = self.server.anonymous()
        for route in route_table():
            if route["method"] != "GET":
                continue
            with self.subTest(path=route["pattern"]):
                answer = api.get(concrete(route["pattern"]))
                if route["permission"] == "public":
                    self.assertNotIn(answer.status, (401, 403), str(answer))
                else:
                    self.assertEqual(answer.status, 401, str(answer))


    def health(self, method, service, token=None):
        """The status of gRPC, by gRPC-Web in one HTTP/1.1 request."""
        question = bytes([0x0A, len(service)]) + service.encode()
        headers = {"Content-Type": "application/grpc-web+proto"}
        if token is not None:
            headers["Authorization"] = "Bearer " + token
        connection = connection_to(self.server.address)
        self.addCleanup(connection.close)
        connection.request("POST", "/grpc.health.v1.Health/" + method, struct.pack(">BI", 0, len(question)) + question, headers)
        return int(re.search(rb"grpc-status:\s*(\d+)", connection.getresponse().read()).group(1))

    def test_only_the_servers_own_health_is_open_over_grpc(self):
        self.given_live("secret", self.given_version(packages.tar_gz(packages.echo(1)), "secret"))
        ok, not_found, unauthenticated = 0, 5, 16
        for service in ("", "inference.GRPCInferenceService"):
            self.assertEqual(self.health("Check", service), ok, service)
        for service in ("secret", "nobody"):  # the same answer: whether there is such a model is nobody's business
            for method in ("Check", "Watch"):
                self.assertEqual(self.health(method, service), unauthenticated, f"{method} {service}")
        self.assertEqual(self.health("Check", "secret", self.server.admin_token), ok)
        self.assertEqual(self.health("Check", "nobody", self.server.admin_token), not_found)


class Tokens(WithServer):
    def test_a_token_is_shown_once_and_stored_as_a_hash(self):
        made = self.api.post("/api/v1/tokens", {"name": "once", "role": "viewer"})
        self.assertEqual(made.status, 201, str(made))
        secret = made.json["secret"]
        self.assertRegex(secret, r"^slw_[0-9a-f]{64}$")
        self.assertNotIn(secret, self.api.get("/api/v1/tokens").body.decode())
        for path in self.server.data.rglob("*"):
            if path.is_file():
                self.assertNotIn(secret.encode(), path.read_bytes(), str(path))
        self.assertNotIn(secret, self.server.log_path.read_text())

    def test_a_revoked_token_is_refused_at_once(self):
        secret = self.api.post("/api/v1/tokens", {"name": "short", "role": "viewer"}).json["secret"]
        holder = self.server.api(secret)
        self.assertEqual(holder.get("/api/v1/models").status, 200)
        self.assertEqual(self.api.delete("/api/v1/tokens/short").status, 204)
        self.assertEqual(holder.get("/api/v1/models").status, 401)

    def test_a_token_request_is_read_strictly(self):
        for wrong in ({"name": "x"}, {"name": "x", "role": "root"}, {"name": "", "role": "viewer"},
                      {"name": "x", "role": "viewer", "admin": True}, {"name": "x", "role": "viewer", "expires_in_seconds": 0},
                      {"name": 1, "role": "viewer"}, []):
            with self.subTest(wrong=wrong):
                self.assert_refused(self.api.post("/api/v1/tokens", wrong), 400, code="InvalidInput")

    def test_the_history_names_the_token_that_changed_something(self):
        secret = self.api.post("/api/v1/tokens", {"name": "release-bot", "role": "admin"}).json["secret"]
        self.server.api(secret).post("/api/v1/tokens", {"name": "made-by-bot", "role": "viewer"})
        made = next(e for e in self.api.events() if "made-by-bot" in e["subject"])
        self.assertEqual(made["actor"], "release-bot")
        self.assertNotIn(secret, json.dumps(self.api.events()))

    def test_the_command_line_makes_lists_and_revokes(self):
        made = self.server.cli("token", "create", "by-hand", "--role", "predictor", "--json")
        self.assertEqual(made.returncode, 0, made.stderr)
        secret = json.loads(made.stdout)["secret"]
        self.assertIn("by-hand", self.server.cli("token", "list").stdout)
        self.assertEqual(self.server.cli("models", token=secret).returncode, 1)
        self.assertEqual(self.server.cli("token", "revoke", "by-hand").returncode, 0)
        self.assertNotIn("by-hand", self.server.cli("token", "list").stdout)


class Hosts(WithServer):
    options = ("--hosts", "models.example")

    def test_only_our_own_hosts_are_answered(self):
        api = self.server.anonymous()
        port = self.server.address.rsplit(":", 1)[1]
        for host in ("127.0.0.1", f"127.0.0.1:{port}", "localhost", f"localhost:{port}", "LOCALHOST", "[::1]", "models.example"):
            with self.subTest(host=host):
                self.assertEqual(api.get("/v2/health/live", headers={"Host": host}).status, 200)
        for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "models.example.evil", "169.254.169.254",
                     "a" * 300, "models.example@evil", ""):
            with self.subTest(host=host):
                answer = api.get("/v2/models/x", headers={"Host": host})
                self.assertIn(answer.status, (400, 403, 421), str(answer))


class FirstStart(unittest.TestCase):
    def test_the_folder_and_the_token_are_private_and_the_token_works(self):
        with Server() as server:
            self.assertEqual(stat.S_IMODE(server.data.stat().st_mode), 0o700)
            self.assertEqual(stat.S_IMODE((server.data / "admin.token").stat().st_mode), 0o600)
            self.assertRegex(server.admin_token, r"^slw_[0-9a-f]{64}$")
            self.assertEqual(server.api().get("/api/v1/tokens").status, 200)
            for path in server.data.rglob("*"):
                self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, f"{path} is open to others")
            self.assertNotIn(server.admin_token, server.log_path.read_text(), "the token is never printed")

    def test_the_command_line_finds_the_token_of_a_local_server_by_itself(self):
        with Server() as server:
            done = run("models", "--url", server.url, cwd=server.folder, environment={"SLIPWAY_DATA": str(server.data), "PATH": ""})
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_second_start_makes_no_new_secret(self):
        with Server() as server:
            first = server.admin_token
            server.restart()
            self.assertEqual(server.admin_token, first)
            self.assertNotIn(first, server.log_path.read_text())
            self.assertEqual(len([t for t in server.api().get("/api/v1/tokens").json["tokens"] if t["role"] == "admin"]), 1)


class Insecure(unittest.TestCase):
    def test_everything_for_anyone_beyond_loopback_is_refused(self):
        done = run("serve", "--listen", "0.0.0.0:0", "--anonymous", "everything", cwd="/")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--insecure", done.stderr)

    def test_it_can_be_insisted_on(self):
        with Server(listen="plain:0.0.0.0:0", options=("--anonymous", "everything", "--insecure", "--hosts", "*")) as server:
            self.assertEqual(server.anonymous().get("/api/v1/models").status, 200)

    def test_on_loopback_it_is_a_choice(self):
        with Server(options=("--anonymous", "everything")) as server:
            self.assertEqual(server.anonymous().get("/api/v1/models").status, 200)


if __name__ == "__main__":
    unittest.main()
