import { silverColumns } from '#compile'
import { defineContract } from '#contract'
import type { LogRecord } from '#port'

export const topicName = 'sightings'

/** One key, one value: of the same key the newest value stands. */
export const contract = defineContract({
  ...{ name: 'sighting', title: 'Sightings, simulated', about: 'What the simulator sends.', grain: 'one sighting' },
  ...{ publisher: 'Fairlead', licence: 'MIT', attribution: 'Simulated', url: 'https://example.org', simulated: true },
  stream: { topic: topicName, partitions: 3 },
  ...{ files: [], encodings: ['utf-8'], missing: [] },
  layouts: [{ name: 'sighting', about: 'A sighting', format: 'message', requires: ['id', 'value'] }],
  columns: {
    id: {
      ...{ type: 'string', about: 'Which', unit: 'id', from: ['id'] },
      required: { rule: 'no_id', severity: 'reject' },
    },
    value: { type: 'string', about: 'What', unit: 'text', from: ['value'] },
  },
  key: ['id'],
  rules: [],
})

export const silver = silverColumns(contract)

export const roots = {
  bronze: `bronze/${contract.name}`,
  silver: `silver/${contract.name}`,
  quarantine: 'silver/quarantine',
  displaced: 'silver/displaced',
  ledger: 'silver/ledger',
} as const

/** A record as it is judged. */
export interface Sighting {
  readonly source: string
  readonly partition: number
  readonly offset: number
  readonly timestampMs: number
  /** Undefined: it breaks a rule. */
  readonly said: { readonly id: string; readonly value: string } | undefined
}

const decoder = new TextDecoder()

export function sayingOf(bytes: Uint8Array | null): Sighting['said'] {
  const text = bytes === null ? '' : decoder.decode(bytes)
  const [id, value] = text.split('=')
  return id === undefined || id === '' || value === undefined ? undefined : { id, value }
}

export function sightingOf(source: string, record: LogRecord): Sighting {
  const { partition, offset, timestampMs, value } = record
  return { source, partition, offset, timestampMs, said: sayingOf(value) }
}

export function placeOf({ source, partition, offset }: Pick<Sighting, 'source' | 'partition' | 'offset'>): string {
  return `${source}/${partition}/${offset}`
}

export type Fate = 'silver' | 'duplicate' | 'superseded'

/** Of the records of one key: the newest values stand, as the first record that holds them. */
export function fatesOf(records: readonly Sighting[]): ReadonlyMap<string, { fate: Fate; by: Sighting }> {
  const order = [...records].sort(
    (a, b) =>
      a.timestampMs - b.timestampMs ||
      (a.source < b.source ? -1 : a.source > b.source ? 1 : 0) ||
      a.partition - b.partition ||
      a.offset - b.offset,
  )
  const firsts = new Map<string, Sighting>()
  for (const each of order) if (!firsts.has(each.said?.value ?? '')) firsts.set(each.said?.value ?? '', each)
  const stands = firsts.get(order.at(-1)?.said?.value ?? '')
  const fates = new Map<string, { fate: Fate; by: Sighting }>()
  for (const each of order) {
    const first = firsts.get(each.said?.value ?? '') ?? each
    if (each !== first) fates.set(placeOf(each), { fate: 'duplicate', by: first })
    else fates.set(placeOf(each), { fate: each === stands ? 'silver' : 'superseded', by: stands ?? each })
  }
  return fates
}
