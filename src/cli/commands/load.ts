import { didYouMean } from '#config'
import type { LoadResult } from '#platform'
import { Fault } from '#port'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { alignedTable } from '../text-table.ts'
import { count, figure } from '../words.ts'

const warehouses = ['snowflake']

const flags = {
  to: { kind: 'text', about: `Where to: ${warehouses.join(', ')}`, default: 'snowflake' },
  full: { kind: 'boolean', about: 'Load every table, whatever stands there', default: false },
  setup: {
    kind: 'boolean',
    about: 'Print the statements that make database, roles, grants and tables, and load nothing',
    default: false,
  },
  developers: { kind: 'texts', about: 'With --setup: people who get a schema DBT_<USER>', default: [] },
} as const

export const load: Command<typeof flags> = {
  name: 'load',
  about: 'bring Silver into a warehouse, where dbt builds Gold',
  more: 'All tables change in one transaction, each to the version that the lake has; what stands there at that version is left alone. The account is an option, snowflake.account; who signs in stands in the environment alone: FAIRLEAD_SNOWFLAKE_PRIVATE_KEY, FAIRLEAD_SNOWFLAKE_TOKEN or FAIRLEAD_SNOWFLAKE_PASSWORD.',
  flags,
  options: ['snowflake.database'],
  examples: [
    'fairlead load --to snowflake',
    'fairlead load --setup --developers ada,grace',
    'fairlead load --to snowflake --full --json',
  ],
  async run({ flags: given, options }, { backend, answer, report, signal, width }) {
    if (!warehouses.includes(given.to)) {
      throw new Fault('usage/bad-value', `--to ${given.to} is no warehouse.${didYouMean(given.to, warehouses)}`, {
        mend: `Warehouses are ${warehouses.join(', ')}.`,
      })
    }
    const { lake, datasets, models, engine, snowflake } = options
    const platform = await backend()
    if (given.setup) {
      const request = { lake, datasets, models, engine, snowflake, developers: given.developers }
      const sql = await platform.warehouseSetup(request)
      await answer({ json: document({ sql }), text: [sql] })
      return 0
    }
    const request = { lake, datasets, models, engine, snowflake, full: given.full }
    const result = await platform.loadLake(request, { report, signal })
    await answer({ json: document(result), text: loadText(result, width), summary: loadSummary(result) })
    return 0
  },
}

function loadText({ tables }: LoadResult, width: number | undefined): Iterable<string> {
  const columns = [{ name: 'table' }, { name: 'outcome' }, { name: 'version' }, { name: 'rows' }, { name: 'added' }]
  const rows = tables.map(({ table, outcome, version, rows, added }) => [
    ...[table, outcome, version < 0 ? null : version, rows, added.join(', ')],
  ])
  return alignedTable({ columns, rows }, width)
}

function loadSummary({ database, tables, files, sizeBytes, tookMs }: LoadResult): string {
  const loaded = tables.filter(({ outcome }) => outcome === 'loaded').length
  if (loaded === 0) return `Nothing to do: ${database} has what the lake has.\n`
  const seconds = (tookMs / 1000).toFixed(1)
  return `${count(loaded, 'table')} loaded into ${database}, ${count(files, 'file')} of ${figure(sizeBytes)} bytes, in ${seconds} s.\n`
}
