"""A real S3-compatible server (versitygw) with TLS, over a folder of its own."""
import os
import pathlib
import re
import subprocess
import tempfile

from fixture import ROOT, eventually

PROGRAM = ROOT / ".deps/s3/versitygw"
KEY_ID, SECRET, BUCKET = "slipway-test", "not-a-secret-of-anyone", "models"


class S3Server:
    """One process; each bucket is a folder below `buckets`, each object a file in it. One thread."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="slipway-s3-")
        self.folder = pathlib.Path(self._folder.name)
        self.certificate, self._key = self.folder / "s3.crt", self.folder / "s3.key"
        self.buckets = self.folder / "buckets"
        (self.buckets / BUCKET).mkdir(parents=True)
        (self.folder / "attributes").mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                        "-subj", "/CN=s3", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", self._key, "-out", self.certificate],
                       check=True, capture_output=True)
        self.process = None

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "--port", "127.0.0.1:0", "--quiet", "--cert", self.certificate, "--key", self._key,
                 "posix", "--sidecar", self.folder / "attributes", self.buckets],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
                env={"PATH": os.environ["PATH"], "ROOT_ACCESS_KEY": KEY_ID, "ROOT_SECRET_KEY": SECRET})
        self.port = eventually(self._listening_port, lambda: f"a listening S3 server; its log:\n{(self.folder / 'log').read_text()}")
        return self

    def _listening_port(self):
        """It says only which port it was asked for: 0."""
        if self.process.poll() is not None:
            raise AssertionError(f"the S3 server left with {self.process.returncode}: {(self.folder / 'log').read_text()}")
        own = pathlib.Path(f"/proc/{self.process.pid}")
        sockets = set()
        for descriptor in (own / "fd").iterdir():
            try:
                sockets |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(descriptor)))
            except OSError:
                continue
        for line in (own / "net/tcp").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and words[9] in sockets:
                return int(words[1].split(":")[1], 16)
        return None

    @property
    def options(self):
        return ("--artifacts", f"s3://{BUCKET}/slipway", "--s3-endpoint", f"https://127.0.0.1:{self.port}", "--s3-ca", self.certificate)

    @property
    def environment(self):
        return {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}

    def objects(self):
        return sorted(path for path in (self.buckets / BUCKET / "slipway/sha256").glob("*") if path.is_file())

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def close(self):
        self.stop()
        self._folder.cleanup()
