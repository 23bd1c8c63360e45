import type { Spec } from '#config'
import type { DatasetReplay, QuarantineReplay } from '#platform'
import { Fault } from '#port'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { filterOf, isFiltered, quarantineFlags } from '../quarantine-filter.ts'
import { safeText } from '../safe-text.ts'
import { alignedTable } from '../text-table.ts'
import { count, duration, figure } from '../words.ts'

const flags = {
  ...quarantineFlags,
  from: { kind: 'text', about: 'A file of mended records, as quarantine show --ndjson writes them', optional: true },
  dryRun: { kind: 'boolean', about: 'Say what would pass and what would not, and change nothing', default: false },
} as const satisfies Spec

export const quarantineReplay: Command<typeof flags> = {
  name: 'quarantine replay',
  about: 'have rejected records judged again, as they are or mended',
  more: 'Without --from, the contract as it stands judges them again, as after a change of the contract; a record that passes leaves the quarantine and keeps its coordinates. With --from, mended records are landed beside the rejected ones, which stay, marked; lines that were not changed are left out. Replayed twice, or by two at once, is replayed once. Every replay is marked in silver.replay. What passed is published by the next run or stream consume.',
  flags,
  options: [],
  examples: [
    'fairlead quarantine replay --rule not_a_school --dry-run',
    'fairlead quarantine replay --from mended.ndjson',
    'fairlead quarantine replay --dataset survey_live --since 2026-01-31 --json',
  ],
  fails: 'some records were rejected again',
  async run({ flags, options }, { backend, answer, report, signal, resolve }) {
    const { lake, datasets, models, engine } = options
    const { from, dryRun, ...filter } = flags
    if (from !== undefined && isFiltered(filter))
      throw new Fault(
        'usage/from-or-filter',
        '--from replays the records of a file; the other flags choose them from the quarantine.',
        {
          mend: 'Leave one of them out.',
        },
      )
    const what = from === undefined ? { filter: filterOf(filter) } : { from: resolve(from) }
    const platform = await backend()
    const result = await platform.replayQuarantine({ lake, datasets, models, engine, what, dryRun }, { report, signal })
    await answer({ json: document(result), summary: replaySummary(result) })
    return result.datasets.some(({ rejected }) => rejected > 0) ? 1 : 0
  },
}

function replaySummary({ datasets, dryRun, tookMs }: QuarantineReplay): string {
  if (datasets.length === 0) return 'Nothing that was asked for is in quarantine.\n'
  const names = dryRun ? ['dataset', ...judged] : ['dataset', ...judged, ...places]
  const rows = datasets.map((each) => [
    ...[each.dataset, each.taken, each.earlier, each.unchanged, each.passed, each.rejected],
    ...(dryRun ? [] : [each.now?.silver, each.now?.duplicates, each.now?.superseded, each.now?.quarantined]),
  ])
  const table = [...alignedTable({ columns: names.map((name) => ({ name })), rows }, undefined)].join('')
  const sum = (of: 'passed' | 'rejected' | 'taken' | 'earlier') => datasets.reduce((total, each) => total + each[of], 0)
  const before = sum('earlier') === 0 ? '' : `, ${figure(sum('earlier'))} were before`
  const publishes = sum('passed') === 0 ? '' : ', which the next run or stream consume publishes'
  const lines = [
    ...datasets.flatMap(examplesOf),
    dryRun
      ? `Nothing was changed: ${count(sum('passed'), 'record')} would pass, ${figure(sum('rejected'))} would not (${duration(tookMs)})`
      : `${count(sum('taken'), 'record')} replayed${before}: ${figure(sum('passed'))} passed${publishes} (${duration(tookMs)})`,
    ...(sum('rejected') === 0 ? [] : [rejectedHint]),
  ]
  return `${table}\n${lines.join('\n')}\n`
}

const judged = ['new', 'replayed before', 'unchanged', 'pass', 'rejected']
const places = ['in silver', 'duplicates', 'superseded', 'in quarantine']

const rejectedHint =
  'What is rejected needs another contract, or another value: fairlead quarantine show --ndjson > mended.ndjson, mend the values, fairlead quarantine replay --from mended.ndjson'

function examplesOf({ examples, rejected }: DatasetReplay): readonly string[] {
  const more = rejected - examples.length
  return [
    ...examples.map(
      ({ record, rule, received, message }) =>
        `  ${safeText(record)}: ${rule}${message === null ? '' : `, ${safeText(message)}`}${received === null ? '' : ` (${safeText(received)})`}`,
    ),
    ...(more > 0 ? [`  and ${count(more, 'other')}`] : []),
  ]
}
