import { isAddress } from '#config'
import type { GoldDiff } from '#platform'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { changedColumns, changedTables, diffLine, markdownTable } from '../diff-tables.ts'
import { alignedTable } from '../text-table.ts'

const flags = {
  against: {
    kind: 'text',
    about: 'A publication’s version, or another lake; absent, the publication before the newest',
    optional: true,
  },
  movers: {
    kind: 'integer',
    about: 'Name so many of the rows that moved most in each column',
    default: 3,
    min: 0,
    max: 100,
  },
  markdown: { kind: 'boolean', about: 'Print Markdown, for a pull request', default: false },
} as const

export const diff: Command<typeof flags> = {
  name: 'diff',
  about: 'what differs in Gold between two publications',
  more: 'Rows are known again by the columns that a test says make them unique; rows of a table without such a test that changed count as removed and added. Numbers that differ by less than a billionth part are equal. Older publications can be compared as long as their files stand.',
  flags,
  options: [],
  examples: ['fairlead diff', 'fairlead diff --against 4 --markdown', 'fairlead diff --against ../other-lake --json'],
  async run({ flags: { against, movers, markdown }, options }, { backend, answer, report, signal, resolve, width }) {
    const { lake, datasets, models, engine } = options
    const isPath = against !== undefined && !/^\d+$/.test(against) && !isAddress(against)
    const platform = await backend()
    const request = { lake, datasets, models, engine, movers, against: isPath ? resolve(against) : against }
    const found = await platform.diffGold(request, { report, signal })
    await answer({ json: document(found), text: markdown ? markdownText(found) : plainText(found, width) })
    return 0
  },
}

function* plainText(found: GoldDiff, width: number | undefined): Iterable<string> {
  yield `${diffLine(found)}\n`
  for (const table of [changedTables(found), changedColumns(found)]) {
    if (table.rows.length === 0) continue
    yield '\n'
    yield* alignedTable(table, width)
  }
}

function* markdownText(found: GoldDiff): Iterable<string> {
  yield `${diffLine(found)}\n`
  for (const table of [changedTables(found), changedColumns(found)]) {
    if (table.rows.length === 0) continue
    yield '\n'
    yield* markdownTable(table)
  }
}
