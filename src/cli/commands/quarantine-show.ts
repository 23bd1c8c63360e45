import type { Spec } from '#config'
import type { QuarantinedRecord, QuarantinePage, Shown } from '#platform'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { filterOf, quarantineFlags } from '../quarantine-filter.ts'
import { safeJson, safeText } from '../safe-text.ts'
import { count, figure } from '../words.ts'

const flags = {
  ...quarantineFlags,
  limit: { kind: 'integer', about: 'At most so many records', default: 20, min: 1, max: 100_000 },
  after: { kind: 'text', about: 'Go on after this record, as the page before says', optional: true },
  ndjson: {
    kind: 'boolean',
    about: 'One JSON record a line, to be mended and given to quarantine replay --from',
    default: false,
  },
} as const satisfies Spec

/** A long value must not push the next record out of sight; --json has it whole. */
const longest = 2_000

export const quarantineShow: Command<typeof flags> = {
  name: 'quarantine show',
  about: 'rejected records with their coordinates, and why',
  more: 'In order of dataset, source, partition and offset. Values that must not leave Bronze, names of people among them, are not shown. Bytes that are no UTF-8 stand as base64. To mend records: show them with --ndjson into a file, mend the values in it, and give it to `quarantine replay --from`.',
  flags,
  options: [],
  examples: [
    'fairlead quarantine show --rule not_a_school --limit 5',
    'fairlead quarantine show --dataset survey_live --open --ndjson',
  ],
  async run({ flags, options }, { backend, answer, tell, report, signal }) {
    const { lake, datasets, models, engine } = options
    const filter = filterOf(flags)
    const platform = await backend()
    const page = { limit: flags.limit, after: flags.after }
    const found = await platform.showQuarantine({ lake, datasets, models, engine, filter, page }, { report, signal })
    await answer({ json: document(found), text: flags.ndjson ? lines(found) : showText(found) })
    const { records, next } = found
    tell(
      next === null
        ? count(records.length, 'record')
        : `${count(records.length, 'record')}; more: --after ${safeText(next)}`,
    )
    return 0
  },
}

function* lines({ records }: QuarantinePage): Iterable<string> {
  for (const record of records) yield `${safeJson(JSON.stringify(record))}\n`
}

function* showText({ records }: QuarantinePage): Iterable<string> {
  for (const record of records) {
    yield `${safeText(record.record)}\n`
    for (const [name, text] of told(record)) yield `  ${name.padEnd(10)}${clipped(safeText(text))}\n`
    yield '\n'
  }
}

function told(record: QuarantinedRecord): readonly (readonly [string, string])[] {
  const { rule, column, message, received, topic, timestamp, landedAt, stage, contract, key, headers, value } = record
  return [
    ['rule', column === null ? rule : `${rule}, column ${column}`],
    ...(message === null ? [] : ([['message', message]] as const)),
    ...(received === null ? [] : ([['received', received]] as const)),
    ['topic', `${topic}, source ${record.source}, partition ${record.partition}, offset ${record.offset}`],
    ['time', `${timestamp ?? 'not known'}, landed ${landedAt}`],
    ['stage', `${stage}, by contract ${contract.slice(0, 12)}`],
    ...record.replays.map(
      ({ replay, at, contract: by, as }) =>
        ['replayed', `${at} by ${replay.slice(0, 12)}, contract ${by.slice(0, 12)}, ${as ?? 'as it is'}`] as const,
    ),
    ...(key === null ? [] : ([['key', textOf(key)]] as const)),
    ...headers.map(({ key: name, value: of }) => ['header', `${name} = ${textOf(of)}`] as const),
    ['value', value === null ? 'none, or not shown' : textOf(value)],
  ]
}

function textOf(shown: Shown): string {
  if (shown === null) return ''
  return typeof shown === 'string' ? shown : JSON.stringify(shown)
}

function clipped(text: string): string {
  const all = [...text]
  if (all.length <= longest) return text
  return `${all.slice(0, longest).join('')}… (${figure(all.length)} characters; --json has all)`
}
