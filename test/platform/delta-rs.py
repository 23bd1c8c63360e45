"""Rows and a content hash of every Delta table of a lake, as delta-rs reads them: delta-rs.py LAKE. Prints one JSON object."""

import json
import os
import sys

import deltalake
import duckdb

lake = sys.argv[1]
tables = {}
for layer in ("bronze", "silver", "gold"):
    for name in sorted(os.listdir(os.path.join(lake, layer))):
        rows = deltalake.DeltaTable(os.path.join(lake, layer, name)).to_pyarrow_dataset().to_table()
        engine = duckdb.connect()
        engine.execute("SET TimeZone = 'UTC'")
        engine.register("rows", rows)
        count, content = engine.execute(
            "SELECT count(*), coalesce(md5(string_agg(h, '' ORDER BY h)), '') FROM (SELECT md5(CAST(r AS VARCHAR)) AS h FROM rows r)"
        ).fetchone()
        tables[f"{layer}.{name}"] = f"{count} rows {content}"
print(json.dumps(tables))
