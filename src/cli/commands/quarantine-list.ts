import type { QuarantineList } from '#platform'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { filterOf, quarantineFlags } from '../quarantine-filter.ts'
import { alignedTable } from '../text-table.ts'
import { count, figure } from '../words.ts'

export const quarantineList: Command<typeof quarantineFlags> = {
  name: 'quarantine list',
  about: 'what Silver rejected, by source and rule',
  more: 'Each line is the records of one file or topic that broke one rule, with an example. `open` counts those whose place no mended record has taken. The records themselves: `quarantine show`.',
  flags: quarantineFlags,
  options: [],
  examples: ['fairlead quarantine list', 'fairlead quarantine list --dataset survey_live --since 2026-01-31 --json'],
  async run({ flags, options }, { backend, answer, tell, report, signal, width }) {
    const { lake, datasets, models, engine } = options
    const filter = filterOf(flags)
    const platform = await backend()
    const found = await platform.listQuarantine({ lake, datasets, models, engine, filter }, { report, signal })
    await answer({ json: document(found), text: listText(found, width) })
    if (found.records > 0)
      tell(`${count(found.records, 'record')}, ${figure(found.open)} without a mended one in their place`)
    return 0
  },
}

function* listText({ groups }: QuarantineList, width: number | undefined): Iterable<string> {
  if (groups.length === 0) {
    yield 'Nothing that was asked for is in quarantine.\n'
    return
  }
  const names = [
    'dataset',
    'from',
    'rule',
    'column',
    'records',
    'open',
    'replayed',
    'first landed',
    'last landed',
    'example',
  ]
  const rows = groups.map((group) => [
    ...[group.dataset, group.name, group.rule, group.column, group.records, group.open, group.replayed],
    ...[group.firstLandedAt, group.lastLandedAt, group.example.received ?? group.example.message],
  ])
  yield* alignedTable({ columns: names.map((name) => ({ name })), rows }, width)
}
