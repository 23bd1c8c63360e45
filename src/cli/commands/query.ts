import type { QueryAnswer } from '#platform'
import type { Command } from '../command.ts'
import { alignedTable } from '../text-table.ts'
import { count } from '../words.ts'

/** A terminal shows this many rows; a pipe gets all of them. */
export const terminalRows = 50

export const query: Command<Record<never, never>> = {
  name: 'query',
  about: 'ask the lake in SQL, read-only',
  more: 'Tables are bronze.*, silver.* and gold.*; gold is what was last published. Only a select is let in.',
  argument: { name: 'sql', about: 'one select statement' },
  flags: {},
  options: ['query.maxRows', 'query.timeoutMs'],
  examples: [
    'fairlead query "select borough, count(*) from gold.school_climate_snapshot group by borough"',
    'fairlead query --json "select * from silver.quarantine"',
  ],
  async run({ options, argument }, { backend, answer, tell, report, signal, width }) {
    const { lake, datasets, models, engine, query: limits } = options
    const platform = await backend()
    const result = await platform.queryLake(
      { lake, datasets, models, engine, sql: argument, limits },
      { report, signal },
    )
    const shown = width === undefined ? result.rows : result.rows.slice(0, terminalRows)
    await answer({ json: queryJson(result), text: alignedTable({ columns: result.columns, rows: shown }, width) })
    const total = `${count(result.rows.length, 'row')}${result.truncated ? ' and more: --max-rows raises the limit' : ''}`
    tell(shown.length < result.rows.length ? `${count(shown.length, 'row')} of ${total} (--json has all)` : total)
    return 0
  },
}

export function* queryJson({ columns, rows, truncated }: QueryAnswer): Iterable<string> {
  const described = columns.map(({ name, type }) => ({ name, type }))
  yield `{"columns":${JSON.stringify(described)},"rows":[`
  for (const [index, row] of rows.entries()) yield (index === 0 ? '' : ',') + JSON.stringify(row)
  // Said only where it is true: a reader that knows nothing of it has all the rows.
  yield truncated ? '],"truncated":true}' : ']}'
}
