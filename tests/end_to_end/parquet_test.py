"""slipway validate with evaluation data in Parquet: the same verdicts as with CSV; hostile files end in a clear error."""
import pathlib
import random
import subprocess
import tempfile
import unittest

from fixture import ROOT, clean_environment, run
from validate_test import DATA, MANIFEST, MODEL

PYTHON = ROOT / ".deps/venv-arrow/bin/python"
# pyarrow without numpy and pandas: CSV to Parquet by hand.
CONVERT = """\
import csv, sys, pyarrow as pa, pyarrow.parquet as pq
rows = list(csv.reader(open(sys.argv[1])))
columns = dict(zip(rows[0], zip(*rows[1:])))
table = pa.table({"score": [float(v) for v in columns["score"]], "label": [int(v) for v in columns["label"]],
                  "group": pa.array(columns["group"]).dictionary_encode()})
pq.write_table(table, sys.argv[2], compression="zstd", row_group_size=100)
"""
PLAN = ("gates: {schema: , quality: {rules: [{metric: accuracy, threshold: 0.9}, {metric: auroc, threshold: 0.9}]},"
        " slices: {by: [group], threshold: 0.8}}\n")
MUTATIONS, SEED = 40, 20261122


class ParquetTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        held = tempfile.TemporaryDirectory()
        cls.addClassCleanup(held.cleanup)
        cls.folder = pathlib.Path(held.name)
        (cls.folder / "package").mkdir()
        (cls.folder / "package/slipway.yaml").write_text(MANIFEST)
        (cls.folder / "package/model.echo").write_text(MODEL)
        (cls.folder / "gates.yaml").write_text(PLAN)
        (cls.folder / "eval.csv").write_text(DATA)
        subprocess.run([PYTHON, "-c", CONVERT, cls.folder / "eval.csv", cls.folder / "eval.parquet"], check=True)
        cls.content = (cls.folder / "eval.parquet").read_bytes()

    def validate(self, data, *options, **environment):
        return run("validate", self.folder / "package", "--plan", self.folder / "gates.yaml", "--data", data, *options,
                   environment=clean_environment(**environment), seconds=120)

    def with_content(self, content):
        path = self.folder / "other.parquet"
        path.write_bytes(content)
        return self.validate(path)

    def test_parquet_gets_the_verdicts_that_csv_gets(self):
        parquet, text = self.validate(self.folder / "eval.parquet"), self.validate(self.folder / "eval.csv")
        self.assertEqual(parquet.returncode, 0, parquet.stdout + parquet.stderr)
        self.assertEqual(parquet.stdout, text.stdout)

    def test_without_the_plugin_it_says_what_is_missing(self):
        done = self.validate(self.folder / "eval.parquet", SLIPWAY_BACKENDS="/nowhere")
        self.assertEqual(done.returncode, 2)
        self.assertIn("slipway_table_parquet.so, which is in none of: /nowhere", done.stderr)
        self.assertIn("tools/setup.sh parquet", done.stderr)

    def test_a_truncated_file_is_refused(self):
        for length in (0, 3, 8, len(self.content) // 2, len(self.content) - 1):
            with self.subTest(length=length):
                done = self.with_content(self.content[:length])
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn("other.parquet: ", done.stderr)

    def test_damaged_files_end_in_an_answer(self):
        """What is damaged within values may be read; whatever else is, is told, and ends nothing but its reader."""
        dice, codes = random.Random(SEED), []
        for number in range(MUTATIONS):
            damaged = bytearray(self.content)
            begin = dice.randrange(len(damaged)) if number % 2 else len(damaged) - 1 - dice.randrange(min(1500, len(damaged)))
            for at in range(begin, min(begin + dice.choice((1, 1, 4, 40)), len(damaged))):
                damaged[at] = dice.randrange(256)
            done = self.with_content(bytes(damaged))
            codes.append(done.returncode)
            self.assertIn(done.returncode, (0, 1, 2, 4), f"seed {SEED}, mutation {number}: {done.stderr}")
            if done.returncode == 2:
                self.assertIn("other.parquet: ", done.stderr)
        self.assertIn(2, codes)


if __name__ == "__main__":
    unittest.main()
