"""Speaking to a running server: over http.client for what is well formed, over a bare socket for what is not."""
import dataclasses
import http.client
import json
import os
import socket
import urllib.parse

try:
    import described
except ModuleNotFoundError:  # the clients' own environments hold only what their clients need
    described = None

PATIENCE = float(os.environ.get("SLIPWAY_TEST_PATIENCE", "1"))  # multiplies every deadline; sanitizer builds are slower
TIMEOUT = 30 * PATIENCE


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # lower-case names
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The word of our error answers, or None."""
        try:
            return json.loads(self.body).get("code")
        except (ValueError, AttributeError):
            return None

    @property
    def error(self):
        return json.loads(self.body).get("error", "")

    def __str__(self):
        return f"{self.status} {self.body[:400]!r}"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Api:
    """One caller with one token (or none), on one kept-alive connection. One thread."""

    def __init__(self, address, token=None):
        self.address, self.token = address, token
        self._connection = None

    def close(self):
        if self._connection:
            self._connection.close()
            self._connection = None

    def request(self, method, path, body=None, headers=None):
        """body: bytes, text, or anything else as JSON. A kept-alive connection that the server closed meanwhile is opened
        again once, unless something had been answered."""
        sent = dict(headers or {})
        if self.token is not None and "Authorization" not in sent:
            sent["Authorization"] = "Bearer " + self.token
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        reused = self._connection is not None
        try:
            return self._exchange(method, path, body, sent)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.close()
            if not reused:
                raise
            return self._exchange(method, path, body, sent)

    def _exchange(self, method, path, body, headers):
        if self._connection is None:
            self._connection = connection_to(self.address)
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
            answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        except BaseException:
            self.close()
            raise
        if response.will_close:
            self.close()
        if described and method in described.METHODS and (fault := described.fault_in(method, path, answer.status, answer.headers.get("content-type", ""),
                                                                       answer.body)):
            raise AssertionError("an answer that api/openapi.yaml does not describe: " + fault)
        return answer

    def get(self, path, **more):
        return self.request("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.request("POST", path, body, **more)

    def put(self, path, body=None, **more):
        return self.request("PUT", path, body, **more)

    def delete(self, path, **more):
        return self.request("DELETE", path, **more)

    # The admin API, in the words of a person.

    def push(self, package, name=None, filename="package.tar.gz", reason=None, headers=None):
        query = {"filename": filename}
        if name is not None:
            query["name"] = name
        if reason is not None:
            query["reason"] = reason
        return self.post("/api/v1/packages?" + urllib.parse.urlencode(query), package,
                         headers={"Content-Type": "application/octet-stream", **(headers or {})})

    def version(self, model, number):
        return self.get(f"/api/v1/models/{quote(model)}/versions/{number}")

    def alias(self, model, alias, version, **more):
        return self.put(f"/api/v1/models/{quote(model)}/aliases/{quote(alias)}", {"version": version, **more})

    def deploy(self, model, version=None, **more):
        wanted = dict(more) if version is None else {"version": version, **more}
        return self.put(f"/api/v1/serving/{quote(model)}", wanted)

    def rollback(self, model):
        return self.post(f"/api/v1/serving/{quote(model)}/rollback", {})

    def serving(self, model):
        return self.get(f"/api/v1/serving/{quote(model)}")

    def events(self, model=""):
        """The whole history, newest first."""
        events, before = [], 0
        while True:
            query = urllib.parse.urlencode({"model": model, "limit": 1000, **({"before": before} if before else {})})
            page = self.get("/api/v1/history?" + query).json
            events += page["events"]
            if page["next"] is None:
                return events
            before = page["next"]

    def infer(self, model, inputs, version=None, **more):
        """inputs: name -> (datatype, shape, data)."""
        where = f"/v2/models/{quote(model)}" + (f"/versions/{version}" if version else "")
        tensors = [{"name": n, "datatype": d, "shape": s, "data": v} for n, (d, s, v) in inputs.items()]
        return self.post(where + "/infer", {"inputs": tensors, **more})


def outputs_of(answer):
    """name -> data of an inference answer."""
    return {output["name"]: output["data"] for output in answer.json["outputs"]}


def quote(name):
    return urllib.parse.quote(name, safe="")


def connection_to(address):
    if address.startswith("unix:"):
        return UnixConnection(address.removeprefix("unix:"))
    host, port = address.rsplit(":", 1)
    return http.client.HTTPConnection(host.strip("[]"), int(port), timeout=TIMEOUT)


def connect(address, timeout=TIMEOUT):
    """A bare connected socket."""
    if address.startswith("unix:"):
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(timeout)
        made.connect(address.removeprefix("unix:"))
        return made
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host.strip("[]"), int(port)), timeout)


def read_answer(connection, method="POST"):
    """The next answer on a bare socket; None if the server closed without one."""
    response = http.client.HTTPResponse(connection, method=method)
    try:
        response.begin()
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return None
    finally:
        response.close()


def exchange(address, sent, method="POST", timeout=TIMEOUT):
    """Sends these very bytes and reads one answer. A server may answer and close before it has read everything."""
    with connect(address, timeout) as connection:
        try:
            connection.sendall(sent)
        except (BrokenPipeError, ConnectionResetError):
            pass
        return read_answer(connection, method)
