#!/usr/bin/env python3
"""write_parquet.py FOLDER: Parquet files as pyarrow writes them. Run by the tests with the Python that has pyarrow."""
import datetime
import decimal
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = pathlib.Path(sys.argv[1])


def write(name, columns, **how):
    pq.write_table(pa.table(columns), FOLDER / f"{name}.parquet", **how)


INTEGERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
write("integers", {str(t): pa.array([1, None, 100], t) for t in INTEGERS})
write("floats", {"float16": pa.array([0.5, None, -2], pa.float16()), "float32": pa.array([0.1, None, float("nan")], pa.float32()),
                 "float64": pa.array([0.1, None, float("inf")], pa.float64()), "truth": pa.array([True, None, False])})
write("whole", {"exact": pa.array([2**53 - 1, -7]), "inexact": pa.array([2**53 + 1, -7]), "unsigned": pa.array([2**64 - 1, 7], pa.uint64())})
write("decimals", {"d": pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-1000000.50")], pa.decimal128(12, 2))})
write("texts", {"plain": ["Bern", None, ""], "large": pa.array(["a", "\u00e9", None], pa.large_string()),
                "words": pa.array(["x", "y", None]).dictionary_encode(), "nothing": pa.nulls(3)})
write("coded", {"numbers": pa.array([1.5, None, 1.5]).dictionary_encode(), "whole": pa.array([3, 4, 3]).dictionary_encode()})
write("times", {"day": pa.array([datetime.date(2026, 11, 22), None]),
                "moment": pa.array([datetime.datetime(2026, 11, 22, 10, 30), None], pa.timestamp("us"))})
for codec in ("none", "snappy", "zstd", "gzip", "lz4", "brotli"):
    write(f"groups_{codec}", {"n": list(range(10_000)), "t": [f"row {i % 100}" for i in range(10_000)]}, row_group_size=999, compression=codec,
          data_page_version="2.0" if codec == "zstd" else "1.0")
write("nested", {"n": [1, 2], "list": [[1.0], [2.0, 3.0]]})
write("binary", {"b": pa.array([b"\xff"], pa.binary())})
write("no_rows", {"n": pa.array([], pa.float64())})
write("no_columns", {})
pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"]), FOLDER / "twice.parquet")
write("many", {"n": list(range(6))})
