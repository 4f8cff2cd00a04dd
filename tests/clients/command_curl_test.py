"""curl over every way to the one port: HTTP/1.1, HTTP/2 by prior knowledge, by Upgrade and by ALPN, TLS, a UNIX socket."""
import json
import struct
import unittest

import deployed
from command_fixture import CommandTest

INFER = json.dumps({"inputs": [deployed.WINE]})


class Curl(CommandTest):
    def curl(self, *arguments, stdin=None):
        """(HTTP version, status, body)"""
        out = self.run_program("curl", "--silent", "--show-error", "--max-time", "20", "-w", r"\n%{http_version} %{http_code}",
                               *arguments, stdin=stdin)
        body, _, last = out.rpartition("\n")
        version, status = last.split()
        return version, int(status), body

    def ways(self):
        """(arguments, the first part of a URL, the version that is spoken)"""
        return [((), f"http://{self.plain}", "1.1"),
                (("--http1.0",), f"http://{self.plain}", "1.1"),
                (("--http2-prior-knowledge",), f"http://{self.plain}", "2"),
                (("--http2",), f"http://{self.plain}", "1.1"),  # an Upgrade is not taken, and need not be
                (("--http2", "--cacert", self.authority), f"https://{self.secure}", "2"),
                (("--http1.1", "--cacert", self.authority), f"https://{self.secure}", "1.1"),
                (("--tls-max", "1.2", "--cacert", self.authority), f"https://{self.secure}", "2"),
                (("--unix-socket", self.socket), "http://localhost", "1.1"),
                (("--http2-prior-knowledge", "--unix-socket", self.socket), "http://localhost", "2")]

    def test_a_prediction_each_way(self):
        for arguments, url, version in self.ways():
            with self.subTest(arguments):
                found, status, body = self.curl(*arguments, url + "/v2/models/wine/infer", "-d", INFER)
                self.assertEqual((found, status), (version, 200), body)
                self.assertEqual({o["name"]: o["data"] for o in json.loads(body)["outputs"]}["label"], [2])

    def test_several_requests_on_one_connection(self):
        # Debian's curl 7.88 fails at its second request of prior knowledge, whoever answers (nghttpd, too).
        for arguments, url, version in self.ways()[3:6]:
            with self.subTest(arguments):
                count = self.run_program("curl", "--silent", *arguments, "-w", "%{http_version} %{num_connects}\n",
                                         *(word for path in ("/v2/health/ready", "/v2/models/wine", "/v2/models/wine/stats")
                                           for word in ("-o", "/dev/null", url + path)))
                self.assertEqual(count.split("\n")[:3], [f"{version} {1 if i == 0 else 0}" for i in range(3)])

    def test_many_streams_at_once(self):
        config = "".join(f'url = "https://{self.secure}/v2/models/wine"\noutput = "/dev/null"\n' for _ in range(100))
        out = self.run_program("curl", "--silent", "--http2", "--cacert", self.authority, "--parallel", "--parallel-max", "50", "--config", "-",
                               "-w", "%{http_version} %{http_code}\n", stdin=config)
        self.assertEqual(out.split("\n")[:-1], ["2 200"] * 100)

    def test_binary_tensors_from_a_file(self):
        data = struct.pack("<13f", *deployed.WINE["data"])
        head = json.dumps({"inputs": [{**{k: v for k, v in deployed.WINE.items() if k != "data"},
                                       "parameters": {"binary_data_size": len(data)}}]}).encode()
        path = self.server.folder / "body"
        path.write_bytes(head + data)
        for arguments, url, version in self.ways():
            found, status, body = self.curl(*arguments, url + "/v2/models/wine/infer", "--data-binary", f"@{path}",
                                            "-H", f"Inference-Header-Content-Length: {len(head)}")
            self.assertEqual((found, status), (version, 200), body)

    def test_compressed_both_ways(self):
        for arguments, url, version in self.ways()[2:5]:
            found, status, body = self.curl(*arguments, "--compressed", url + "/v2/models/wine")
            self.assertEqual((found, status, json.loads(body)["name"]), (version, 200, "wine"))

    def test_a_refusal_is_told_each_way(self):
        for arguments, url, version in self.ways():
            found, status, body = self.curl(*arguments, url + "/v2/models/nobody/infer", "-d", INFER)
            self.assertEqual((found, status, json.loads(body)["code"]), (version, 404, "NotFound"))
            found, status, _ = self.curl(*arguments, "-X", "DELETE", url + "/api/v1/models/wine/versions/1")
            self.assertEqual((found, status), (version, 401))

    def test_a_stranger_is_not_believed(self):
        self.run_program("curl", "--silent", "--http2", f"https://{self.secure}/v2/health/live", expected=60)


if __name__ == "__main__":
    unittest.main()
