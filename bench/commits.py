"""Many commits by delta-rs to a table that stays open: commits.py TABLE COMMITS WINDOW SECONDS. Stops after so many seconds, wherever it is. Prints a JSON line."""

import json
import resource
import statistics
import sys
import time

import deltalake
import pyarrow as pa

path, commits, window, seconds = sys.argv[1], *map(int, sys.argv[2:5])
rows = 20


def batch(commit):
    offsets = list(range(commit * rows, (commit + 1) * rows))
    values = ['{"id":%d,"answer":"%s","season":2025}' % (offset, "x" * (offset % 90)) for offset in offsets]
    columns = {
        "topic": ["topic"] * rows,
        "partition": pa.array([0] * rows, pa.int32()),
        "offset": offsets,
        "timestamp": pa.array([1_700_000_000_000_000 + commit] * rows, pa.timestamp("us", "UTC")),
        "key": [b"k%d" % offset for offset in offsets],
        "value": values,
    }
    return pa.table(columns)


deltalake.write_deltalake(path, batch(0))
table = deltalake.DeltaTable(path)
commit_ms, open_ms = [], []
started = time.perf_counter()
for commit in range(1, commits):
    rows_of = batch(commit)
    before = time.perf_counter()
    deltalake.write_deltalake(table, rows_of, mode="append")
    commit_ms.append((time.perf_counter() - before) * 1000)
    if commit % 20 == 19:
        before = time.perf_counter()
        deltalake.DeltaTable(path)
        open_ms.append((time.perf_counter() - before) * 1000)
    if time.perf_counter() - started > seconds:
        break
few = max(1, window // 20)
print(
    json.dumps(
        {
            "commits": len(commit_ms) + 1,
            "commit": [statistics.median(commit_ms[:window]), statistics.median(commit_ms[-window:])],
            "open": [statistics.median(open_ms[:few]), statistics.median(open_ms[-few:])],
            "rssMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
