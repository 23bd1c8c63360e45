import type { Command } from '../command.ts'
import { alignedTable } from '../text-table.ts'
import { count } from '../words.ts'
import { tableArgument } from './lake-inspect.ts'
import { queryJson, terminalRows } from './query.ts'

const flags = {
  asOf: {
    kind: 'integer',
    about: 'Read this version; absent, the newest',
    optional: true,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
  },
  limit: { kind: 'integer', about: 'Read at most so many rows', optional: true, min: 0, max: Number.MAX_SAFE_INTEGER },
} as const

export const lakeRead: Command<typeof flags> = {
  name: 'lake read',
  about: 'the rows of a Delta table, of any version that its files still stand for',
  more: 'PATH is the folder of one table, ours or another writer’s. With --json, columns and rows are as `query --json` has them.',
  argument: tableArgument,
  flags,
  options: [],
  examples: [
    'fairlead lake read lake/silver/school --limit 10',
    'fairlead lake read lake/silver/school --as-of 3 --json',
  ],
  async run({ argument, flags: { asOf, limit } }, { backend, answer, tell, report, signal, resolve, width }) {
    const platform = await backend()
    const request = { folder: resolve(argument), version: asOf, maxRows: limit }
    const result = await platform.readTable(request, { report, signal })
    const shown = width === undefined ? result.rows : result.rows.slice(0, terminalRows)
    await answer({ json: queryJson(result), text: alignedTable({ columns: result.columns, rows: shown }, width) })
    const total = `${count(result.rows.length, 'row')}${result.truncated ? ' and more' : ''}`
    tell(shown.length < result.rows.length ? `${count(shown.length, 'row')} of ${total} (--json has all)` : total)
    return 0
  },
}
