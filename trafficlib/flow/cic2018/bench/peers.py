"""The peers of the benchmark: fast code with pandas, Polars and DuckDB that converts a file of flows to an Arrow file
with small types.

peers.py WHO CSV ARROW prints its measurement as a line of JSON, as work.go does.
"""

import json
import os
import sys
import time

CATEGORIES = ["Dst Port", "Protocol", "Label"]
# The peers are told which columns have fractions, which saves them a pass over the text; ours finds out.
WHOLE = {"Flow Duration", "Tot Fwd Pkts", "Tot Bwd Pkts", "Fwd PSH Flags", "Bwd PSH Flags", "Fwd URG Flags", "Bwd URG Flags", "Fwd Header Len",
         "Bwd Header Len", "FIN Flag Cnt", "SYN Flag Cnt", "RST Flag Cnt", "PSH Flag Cnt", "ACK Flag Cnt", "URG Flag Cnt", "CWE Flag Count",
         "ECE Flag Cnt", "Fwd Byts/b Avg", "Fwd Pkts/b Avg", "Fwd Blk Rate Avg", "Bwd Byts/b Avg", "Bwd Pkts/b Avg", "Bwd Blk Rate Avg",
         "Subflow Fwd Pkts", "Subflow Bwd Pkts", "Init Fwd Win Byts", "Init Bwd Win Byts", "Fwd Act Data Pkts", "Fwd Seg Size Min"}


def kinds(path):
    """Returns the names of the integer and of the float columns."""
    with open(path) as f:
        names = f.readline().rstrip("\n").split(",")
    numbers = [n for n in names if n not in CATEGORIES and n != "Timestamp"]
    # A number of bytes may be written as 3 or as 3.0, which readers of integers do not accept.
    return [n for n in numbers if n in WHOLE], [n for n in numbers if n not in WHOLE]


def with_pandas(path, dst):
    import pandas as pd
    import pyarrow as pa

    whole, floats = kinds(path)
    types = {**dict.fromkeys(whole, "int64"), **dict.fromkeys(floats, "float64"), "Dst Port": "uint16", "Protocol": "uint8", "Label": "category"}
    df = pd.read_csv(path, dtype=types)
    df["Timestamp"] = pd.to_datetime(df["Timestamp"], format="%d/%m/%Y %H:%M:%S")
    for name in df.columns:
        if name in CATEGORIES:
            df[name] = df[name].astype("category")
        elif name != "Timestamp":
            kind = "float" if df[name].dtype.kind == "f" else "unsigned" if df[name].min() >= 0 else "integer"
            df[name] = pd.to_numeric(df[name], downcast=kind)
    table = pa.Table.from_pandas(df, preserve_index=False)
    with pa.OSFile(dst, "wb") as f, pa.ipc.new_file(f, table.schema) as out:
        out.write_table(table, max_chunksize=65536)
    return len(df), int(df["Flow Duration"].astype("int64").sum())


def with_polars(path, dst):
    import polars as pl

    whole, floats = kinds(path)
    types = {**dict.fromkeys(whole, pl.Int64), **dict.fromkeys(floats, pl.Float64), "Dst Port": pl.UInt16, "Protocol": pl.UInt8, "Label": pl.String,
             "Timestamp": pl.String}
    df = pl.read_csv(path, schema_overrides=types)
    df = df.with_columns(pl.col("Timestamp").str.to_datetime("%d/%m/%Y %H:%M:%S"), pl.col("Label").cast(pl.Categorical))
    numbers = [c for c in df.columns if c not in ("Timestamp", "Label")]
    df = df.with_columns([df[c].shrink_dtype() for c in numbers])
    df.write_ipc(dst)
    return len(df), int(df["Flow Duration"].cast(pl.Int64).sum())


def with_duckdb(path, dst):
    import duckdb
    import pyarrow as pa

    con = duckdb.connect()
    # It cannot choose the smallest types: floats become float32, and integers stay as declared.
    whole, floats = kinds(path)
    types = {**dict.fromkeys(whole, "BIGINT"), **dict.fromkeys(floats, "DOUBLE"), "Dst Port": "USMALLINT", "Protocol": "UTINYINT", "Label": "VARCHAR",
             "Timestamp": "TIMESTAMP"}
    con.execute(f"CREATE TEMP VIEW flows AS SELECT * FROM read_csv('{path}', timestampformat='%d/%m/%Y %H:%M:%S', types={types})")
    names = [r[:2] for r in con.execute("DESCRIBE flows").fetchall()]
    columns = ", ".join(f'"{n}"::FLOAT AS "{n}"' if t == "DOUBLE" else f'"{n}"' for n, t in names)
    reader = con.execute(f"SELECT {columns} FROM flows").to_arrow_reader(65536)
    rows, total = 0, 0
    with pa.OSFile(dst, "wb") as f, pa.ipc.new_file(f, reader.schema) as out:
        for batch in reader:
            out.write_batch(batch)
            rows += len(batch)
            total += pa.compute.sum(batch["Flow Duration"]).as_py()
    return rows, int(total)


# Imports are not part of the work.
import pyarrow.compute  # noqa: F401
__import__(sys.argv[1].lower())
work = {"pandas": with_pandas, "Polars": with_polars, "DuckDB": with_duckdb}[sys.argv[1]]
start, before = time.perf_counter(), os.times()
rows, total = work(sys.argv[2], sys.argv[3])
fd = os.open(sys.argv[3], os.O_RDONLY)
os.fsync(fd)
after = os.times()
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "cpu": after.user + after.system - before.user - before.system,
    "rows": rows, "sum": total, "bytes": os.path.getsize(sys.argv[2]), "held": os.path.getsize(sys.argv[3]),
}))
