import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cell, SqlEngine } from '#port'
import { Fault } from '#port'
import type { RowSelect } from './figures/rows.ts'
import { countOf, select } from './select.ts'

/** More rows than this are not sent in one file. */
const mostRows = 150_000

export async function csv(rows: RowSelect, engine: SqlEngine): Promise<string> {
  await refuseTooMany(rows, engine)
  const result = await engine.query(`SELECT * FROM (${rows.sql}) ORDER BY ALL`, rows.values)
  const lines = [result.columns.map(({ name }) => name), ...result.rows].map((row) => row.map(field).join(','))
  return `${lines.join('\r\n')}\r\n`
}

/** RFC 4180. A null is empty; an empty text is `""`. */
function field(cell: Cell): string {
  if (cell === null) return ''
  const text = typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

let made = 0

/** An engine writes Parquet from a select without parameters, so the rows are put in a table of the engine's own first. */
export async function parquet(rows: RowSelect, engine: SqlEngine): Promise<Uint8Array> {
  const count = await refuseTooMany(rows, engine)
  if (count === 0) {
    throw new Fault('serve/no-rows', 'There are no rows to put in a Parquet file.', {
      mend: 'Widen the filters, or take CSV.',
    })
  }
  made += 1
  const table = `served_rows_${made}`
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-rows-'))
  try {
    await engine.run(`CREATE TEMP TABLE ${table} AS SELECT * FROM (${rows.sql}) ORDER BY ALL`, rows.values)
    const files = await engine.writeParquet(`SELECT * FROM ${table}`, folder)
    const [file] = files
    if (file === undefined || files.length > 1) throw tooMany(count)
    return await readFile(file.path)
  } finally {
    await engine.run(`DROP TABLE IF EXISTS ${table}`)
    await rm(folder, { recursive: true, force: true })
  }
}

async function refuseTooMany(rows: RowSelect, engine: SqlEngine): Promise<number> {
  const [row] = await select(engine, `SELECT count(*) AS n FROM (${rows.sql})`, rows.values)
  const count = countOf(row?.n)
  if (count > mostRows) throw tooMany(count)
  return count
}

function tooMany(count: number): Fault {
  return new Fault('serve/too-many-rows', `${count} rows are more than one file holds (${mostRows}).`, {
    mend: 'Narrow the filters, or read the Delta table itself.',
  })
}
