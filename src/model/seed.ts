import type { Cell, SqlEngine } from '#port'
import { Fault } from '#port'
import { quoted } from './context.ts'
import type { ModelNode } from './node.ts'
import { mistaken, unsupported } from './place.ts'
import type { Value } from './value.ts'
import { isDict, text } from './value.ts'

/** Makes a seed's table and fills it, with the column types that dbt would find where none are given. */
export async function buildSeed(node: ModelNode, engine: SqlEngine): Promise<string> {
  const at = { file: node.file, line: 1 }
  const delimiter = text(node.config.get('delimiter') ?? ',', at)
  const given = columnTypes(node.config.get('column_types'))
  const file = literal(node.absoluteFile)
  const { columns, rows } = await engine.query(
    `select * from read_csv(${file}, all_varchar = true, header = true, delim = ${literal(delimiter)}, quote = '"', escape = '"', null_padding = false)`,
  )
  for (const name of given.keys()) {
    if (!columns.some((column) => column.name === name)) {
      throw mistaken(
        `column_types names ${name}, which the seed does not have.`,
        at,
        `It has ${columns.map((c) => c.name).join(', ')}.`,
      )
    }
  }
  const typed = columns.map((column, index) => {
    const type =
      given.get(column.name) ??
      inferType(
        column.name,
        rows.map((row) => row[index] ?? null),
        node,
      )
    return `${quoted(column.name)} ${type}`
  })
  const relation = node.relation.sql
  const sql = [
    `create or replace table ${relation} (${typed.join(', ')})`,
    `copy ${relation} from ${file} (format csv, header true, delimiter ${literal(delimiter)})`,
  ]
  await engine.run(sql[0] ?? '')
  try {
    await engine.run(sql[1] ?? '')
  } catch (error) {
    // A table that is half there would be taken for a seed.
    await engine.run(`drop table ${relation}`)
    throw seedFault(error, node)
  }
  return sql.join(';\n')
}

/** The engine's own words, at the line of the file that it names. */
function seedFault(error: unknown, node: ModelNode): unknown {
  if (!(error instanceof Fault) || error.code !== 'engine/sql') return error
  const line = /\bLine: (\d+)/.exec(error.message)?.[1]
  const what = error.message.split('\n').slice(0, 3).join(' ')
  return mistaken(
    what,
    { file: node.file, line: Number(line ?? 1) },
    'Correct the row, or give the column another type under column_types.',
    error,
  )
}

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`

function columnTypes(value: Value | undefined): ReadonlyMap<string, string> {
  if (value === undefined || !isDict(value)) return new Map()
  return new Map([...value].map(([name, type]) => [String(name), String(type)]))
}

const number = /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/
/** What dbt's reader of CSV would also take for numbers, and DuckDB would then not. */
const dressedNumber = /^[-+]?[$€£¥]?\s?[-+]?\d{1,3}(,\d{3})*(\.\d+)?\s?%?$|^\d+(\.\d+)?%$|^[$€£¥]\d/
const date = /^\d{4}-\d{1,2}-\d{1,2}$/
const instant =
  /^\d{4}-\d{1,2}-\d{1,2} \d{1,2}:\d{1,2}:\d{1,2}$|^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:?\d\d)?$/

/** dbt's order of guesses: nothing at all, number, date, instant, boolean, text. Empty and `null` fit any of them. */
function inferType(column: string, cells: readonly Cell[], node: ModelNode): string {
  const values = cells
    .filter((cell): cell is string => typeof cell === 'string')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '' && cell.toLowerCase() !== 'null')
  const all = (test: (value: string) => boolean): boolean => values.every(test)
  if (values.length === 0) return 'integer'
  if (all((value) => number.test(value))) return all((value) => Number.isInteger(Number(value))) ? 'integer' : 'float8'
  if (all((value) => number.test(value) || dressedNumber.test(value))) {
    throw unsupported(`a seed's column of numbers with signs (${column}) without column_types`, {
      file: node.file,
      line: 1,
    })
  }
  if (all((value) => date.test(value) && isDate(value))) return 'date'
  if (all((value) => instant.test(value))) return 'timestamp without time zone'
  if (all((value) => /^(true|false)$/i.test(value))) return 'boolean'
  return 'text'
}

function isDate(value: string): boolean {
  const [year = 0, month = 0, day = 0] = value.split('-').map(Number)
  const made = new Date(Date.UTC(year, month - 1, day))
  return made.getUTCMonth() === month - 1 && made.getUTCDate() === day
}
