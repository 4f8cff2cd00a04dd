"""The servers that are measured: Slipway, and its rivals that answer a constant. Each has `url`, `pids` and stop()."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

from places import PROGRAMS, SERVER_CORE, SLIPWAY, WORK

GRPC_PATH = "/inference.GRPCInferenceService/ModelInfer"


def wait_for(condition, seconds=15):
    end = time.monotonic() + seconds
    while True:
        try:
            return condition()
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.001)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def new_folder(name):
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


class Rival:
    """A process on the server's core that listens on a port of its own."""

    def __init__(self, *command, port, path="/"):
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE, *map(str, command)], stdout=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}{path}"
        wait_for(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
        self.pids = [self.process.pid]

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Nginx(Rival):
    """One worker that answers `reply` (text) to everything; `settings` go into its server block."""

    def __init__(self, reply, settings=""):
        port = free_port()
        folder = new_folder(f"nginx-{port}")
        (folder / "nginx.conf").write_text(
            "worker_processes 1; daemon off; error_log error.log; pid nginx.pid;\n"
            "events { worker_connections 4096; }\n"
            "http { access_log off; keepalive_requests 1000000000; client_body_buffer_size 64k;\n"
            f"  server {{ listen 127.0.0.1:{port} reuseport; {settings}\n"
            "    location = /status { stub_status; }\n"
            f"    location / {{ default_type application/json; return 200 '{reply}'; }} }} }}\n")
        super().__init__("nginx", "-p", folder, "-c", "nginx.conf", port=port)
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        self.pids = wait_for(lambda: [int(children.read_text().split()[0])])

    def counters(self, _):
        """(requests so far,)"""
        with urllib.request.urlopen(self.url + "status") as answer:
            return (int(answer.read().split()[9]),)


class Nghttpd(Rival):
    """One thread that answers the bytes of `reply` to every gRPC call, in the frames of a gRPC answer (trailers too)."""

    def __init__(self, reply):
        port = free_port()
        folder = new_folder(f"nghttpd-{port}")
        file = folder / GRPC_PATH[1:]
        file.parent.mkdir(parents=True)
        file.write_bytes(reply)
        super().__init__("nghttpd", "--no-tls", "-n1", "--address=127.0.0.1", "-d", folder, "--trailer=grpc-status: 0",
                         port, port=port, path=GRPC_PATH)


class GrpcEcho(Rival):
    """bench/rivals/grpc_echo.cc"""

    def __init__(self):
        port = free_port()
        super().__init__(PROGRAMS / "grpc_echo", port, port=port, path=GRPC_PATH)


class Slipway:
    """`listen`: address options; one loop, because it has one core. The rest is the default configuration."""

    def __init__(self, data, *flags, core=SERVER_CORE, listen="127.0.0.1:0"):
        self.data = pathlib.Path(data)
        self.started = time.monotonic()
        self.process = subprocess.Popen(["taskset", "-c", core, str(SLIPWAY), "serve", "--data", str(data), "--listen", listen,
                                         "--log-level", "warning", *flags], stdout=subprocess.DEVNULL)
        self.pids = [self.process.pid]
        self.addresses = wait_for(lambda: (self.data / "addresses").read_text()).split()
        self.url = "http://" + self.addresses[0]

    def wait_ready(self):
        wait_for(lambda: urllib.request.urlopen(self.url + "/v2/health/ready", timeout=1))
        return self

    def cli(self, *arguments):
        environment = dict(os.environ, SLIPWAY_URL=self.url, SLIPWAY_TOKEN=(self.data / "admin.token").read_text().strip())
        # The client of a deployment is not what is measured: it gives way to the server and the generator.
        return subprocess.run(["nice", "-n", "19", str(SLIPWAY), *map(str, arguments)], env=environment, check=True,
                              capture_output=True, text=True).stdout

    def counters(self, model):
        """(rows, executions) of a model so far."""
        with urllib.request.urlopen(f"{self.url}/v2/models/{model}/stats") as answer:
            stats = json.load(answer)["model_stats"][0]
        return stats["inference_count"], stats["execution_count"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
