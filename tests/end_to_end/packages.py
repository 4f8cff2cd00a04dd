"""Packages for tests: echo models, small ONNX graphs, and archives that no packer would write."""
import gzip
import io
import tarfile
import zipfile

ECHO_MANIFEST = """\
name: {name}
format: echo
files: {{model: model.echo}}
inputs:
- {{name: nonce, datatype: INT64, shape: [-1, 1]}}
outputs:
- {{name: nonce_out, datatype: INT64, shape: [-1, 1]}}
- {{name: constant, datatype: INT64, shape: [-1, 1]}}
{more}"""

ECHO_MODEL = """\
input nonce INT64 [-1,1]
output nonce_out from nonce
constant constant {constant}
{more}"""


def echo(constant, name="echo", model="", manifest=""):
    """Gives a column of nonces back, and the same number beside each. model, manifest: further lines."""
    return {"slipway.yaml": ECHO_MANIFEST.format(name=name, more=manifest),
            "model.echo": ECHO_MODEL.format(constant=constant, more=model)}


def nonce(*values):
    return {"nonce": ("INT64", [len(values), 1], list(values))}


def tar_gz(files):
    """files: path -> bytes or text."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for path, content in files.items():
            add_file(archive, path, content)
    return gzip.compress(made.getvalue(), 1, mtime=0)


def add_file(archive, path, content):
    content = content.encode() if isinstance(content, str) else content
    entry = tarfile.TarInfo(path)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def tar_of(*entries):
    """entries: tarfile.TarInfo alone, or (path, content)."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
            else:
                add_file(archive, *entry)
    return gzip.compress(made.getvalue(), 1, mtime=0)


def tar_entry(path, kind, target=""):
    entry = tarfile.TarInfo(path)
    entry.type, entry.linkname = kind, target
    return entry


def zip_of(files):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return made.getvalue()
