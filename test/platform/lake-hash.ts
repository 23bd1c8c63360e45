import { queryLake } from '#platform'

const effects = { report: () => {}, signal: new AbortController().signal }

/** Rows and a hash of them, sorted, over every column but `ingest_ts`, for each table of Silver and Gold. Equal lakes have equal hashes. */
export async function lakeHash(
  lake: string,
  { schemas = ['silver', 'gold'], columns = "columns(c -> c <> 'ingest_ts')" } = {},
): Promise<Readonly<Record<string, string>>> {
  const ask = (sql: string) =>
    queryLake({ lake, datasets: [], models: [], engine: { memoryMb: 1024 }, sql, limits }, effects).then(
      ({ rows }) => rows,
    )
  const tables = await ask(
    `SELECT table_schema || '.' || table_name FROM information_schema.tables WHERE table_schema IN (${schemas.map((schema) => `'${schema}'`).join(', ')}) ORDER BY 1`,
  )
  const selects = tables.map(
    ([table]) => `SELECT '${table}' AS name, count(*) AS n, coalesce(md5(string_agg(h, '' ORDER BY h)), '') AS h
      FROM (SELECT md5(CAST(t AS VARCHAR)) AS h FROM (SELECT ${columns} FROM ${table}) t)`,
  )
  const rows = await ask(selects.join(' UNION ALL '))
  return Object.fromEntries(rows.map(([name, count, hash]) => [String(name), `${count} rows ${hash}`]))
}

const limits = { memoryMb: 1024, timeoutMs: 60_000, maxRows: 1_000 }
