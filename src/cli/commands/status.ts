import type { LakeStatus } from '#platform'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { alignedTable } from '../text-table.ts'
import { count, figure } from '../words.ts'

export const status: Command<Record<never, never>> = {
  name: 'status',
  about: 'what is in the lake, how fresh it is, and how the last run went',
  flags: {},
  options: [],
  examples: ['fairlead status', 'fairlead status --lake shared-lake --json'],
  async run({ options }, { backend, answer, width }) {
    const { lake, datasets, models, engine } = options
    const platform = await backend()
    const found = await platform.lakeStatus({ lake, datasets, models, engine })
    await answer({ json: document(found), text: statusText(lake, found, width) })
    return 0
  },
}

function* statusText(lake: string, found: LakeStatus, width: number | undefined): Iterable<string> {
  if (!found.exists) {
    yield `${lake} holds nothing yet. \`fairlead start\` fills it with sample data, \`fairlead run --from DIR\` with real files.\n`
    return
  }
  yield `Lake       ${lake}${found.sample ? '   (generated sample data)' : ''}\n`
  yield `Published  ${publicationText(found)}\n`
  yield `Last run   ${runText(found)}\n\n`
  const columns = [
    'dataset',
    'files',
    'landed',
    'silver',
    'quarantined',
    'duplicates',
    'superseded',
    'adds up',
    'newest',
  ]
  const rows = Object.entries(found.datasets).map(([name, counts]) => [
    name,
    counts.files,
    counts.landed,
    counts.silver,
    counts.quarantined,
    counts.duplicates,
    counts.superseded,
    counts.conserved ? 'yes' : 'NO',
    counts.landedAt,
  ])
  yield* alignedTable({ columns: columns.map((name) => ({ name })), rows }, width)
}

function publicationText({ publication, stale }: LakeStatus): string {
  if (publication === null) return 'nothing yet'
  const { version, publishedAt, tables, tests } = publication
  const state = stale ? '; newer data waits: `fairlead run` publishes it' : '; up to date'
  const warned = tests.warned > 0 ? `, ${figure(tests.warned)} warned` : ''
  return `version ${version} at ${publishedAt}, ${count(tables.length, 'table')}, ${count(tests.passed, 'test')} passed${warned}${state}`
}

function runText({ lastRun }: LakeStatus): string {
  if (lastRun === null) return 'none'
  const { outcome, startedAt, failed, fault } = lastRun
  if (fault !== null) return `${outcome} at ${startedAt}: ${fault.what} (${fault.code})\n           ${fault.mend}`
  if (outcome !== 'held') return `${outcome} at ${startedAt}`
  return `held back at ${startedAt}, what is shown is the publication before: ${failed.map(({ id }) => id).join(', ')}`
}
