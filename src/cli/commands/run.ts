import type { Spec } from '#config'
import type { PlannedStep } from '#platform'
import { Fault } from '#port'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { fromFlag } from '../input.ts'
import { runExitCode, runSummary } from '../run-summary.ts'
import { alignedTable } from '../text-table.ts'

const flags = {
  from: fromFlag,
  full: { kind: 'boolean', about: 'Make everything after Bronze anew', default: false },
  engine: { kind: 'text', about: 'What builds Gold: embedded, or dbt, which is dbt-core itself', default: 'embedded' },
  dryRun: { kind: 'boolean', about: 'Say what would be done and why, and do nothing', default: false },
} as const satisfies Spec

export const run: Command<typeof flags> = {
  name: 'run',
  about: 'land, clean, place, build and publish what is stale',
  more: 'Without --from, it goes on from what the lake has landed. A run with nothing new changes nothing.',
  flags,
  options: [],
  examples: [
    'fairlead run --from my-files',
    'fairlead run --dry-run',
    'fairlead run --full --json',
    'fairlead run --engine dbt',
  ],
  fails: 'tests held the publication back',
  async run({ flags, options }, { backend, answer, report, signal, width }) {
    const { lake, datasets, models, engine, topics, kafka, dbt } = options
    const builder = builderNamed(flags.engine)
    const input = flags.from === undefined ? {} : { from: flags.from }
    const runOptions = { lake, datasets, models, engine, topics, kafka, dbt, builder, full: flags.full, ...input }
    const platform = await backend()
    if (flags.dryRun) {
      const steps = await platform.planRun(runOptions, { report, signal })
      await answer({ json: document({ steps }), text: planText(steps, width) })
      return 0
    }
    const result = await platform.runOnce(runOptions, { report, signal })
    await answer({ json: document(result), summary: runSummary(result) })
    return runExitCode(result)
  },
}

function builderNamed(name: string): 'embedded' | 'dbt' {
  if (name === 'embedded' || name === 'dbt') return name
  throw new Fault('usage/engine', `${name} builds nothing here.`, { mend: 'Write --engine embedded or --engine dbt.' })
}

function planText(steps: readonly PlannedStep[], width: number | undefined): Iterable<string> {
  if (steps.length === 0) return ['Nothing to do: all that was landed is published.\n']
  const columns = [{ name: 'stage' }, { name: 'what' }, { name: 'why' }]
  const rows = steps.map(({ stage, what, why }) => [stage, what, why])
  return alignedTable({ columns, rows }, width)
}
