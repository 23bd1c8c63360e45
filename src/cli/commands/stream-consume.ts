import type { Spec } from '#config'
import type { ConsumeResult } from '#platform'
import { Fault } from '#port'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { alignedTable } from '../text-table.ts'
import { duration } from '../words.ts'

const flags = {
  once: { kind: 'boolean', about: 'Land what the log holds now, publish it, and exit', default: false },
  allow: {
    kind: 'text',
    about: 'Go on after a loss: topic-anew lands a topic that was made anew; gap leaves out records the log lost',
    optional: true,
  },
  metricsPort: {
    kind: 'integer',
    about: 'Serve /metrics and /healthz on this port of 127.0.0.1 meanwhile; 0 takes any free one',
    optional: true,
    min: 0,
    max: 65_535,
  },
} as const satisfies Spec

const allowances = ['topic-anew', 'gap'] as const

export const streamConsume: Command<typeof flags> = {
  name: 'stream consume',
  about: 'land topics, clean them and publish the live figures, until Ctrl-C',
  more: 'Every record once, whoever dies: the lake knows how far it is, and the log is never asked. Any number of consumers may run; of two that read the same records, one lands them and the other is told.',
  flags,
  options: ['topics.log', 'stream.cadenceMs'],
  fails: 'tests held the live publication back (with --once)',
  examples: [
    'fairlead stream consume',
    'fairlead stream consume --metrics-port 9464',
    'fairlead stream consume --once --json',
  ],
  async run({ flags, options }, { backend, answer, tell, report, signal }) {
    const { lake, datasets, models, engine, topics, kafka, stream } = options
    const allow = allowedBy(flags.allow)
    const platform = await backend()
    const request = { lake, datasets, models, engine, topics, kafka, stream, once: flags.once, allow }
    const { metricsPort: port } = flags
    const serving =
      port === undefined
        ? undefined
        : await platform.serveMetrics({ lake, datasets, models, engine, topics, kafka, port }, { report })
    try {
      if (serving !== undefined) tell(`Metrics: ${serving.url}/metrics`)
      const result = await platform.consume(request, { report: serving?.report ?? report, signal })
      await answer({ json: document(result), summary: consumeSummary(result) })
      return result.held ? 1 : 0
    } finally {
      await serving?.close()
    }
  },
}

function allowedBy(text: string | undefined): (typeof allowances)[number][] {
  return (text?.split(',') ?? []).map((word) => {
    const known = allowances.find((one) => one === word.trim())
    if (known !== undefined) return known
    throw new Fault('usage/bad-value', `--allow ${word.trim()} is nothing that can be allowed.`, {
      mend: `Use ${allowances.join(' or ')}.`,
    })
  })
}

function consumeSummary({ datasets, published, held, tookMs }: ConsumeResult): string {
  const names = ['dataset', 'topic', 'landed', 'silver', 'quarantined', 'duplicates', 'superseded', 'new']
  const rows = Object.entries(datasets).map(([name, counts]) => [
    ...[name, counts.topic, counts.landed, counts.silver, counts.quarantined],
    ...[counts.duplicates, counts.superseded, counts.added],
  ])
  const table = [...alignedTable({ columns: names.map((name) => ({ name })), rows }, undefined)].join('')
  const stands = published === null ? 'Nothing is published' : `Live publication ${published} stands`
  const standing = held ? `Held back: tests failed. ${stands}` : stands
  return `${table}\n${standing} (${duration(tookMs)})\n`
}
