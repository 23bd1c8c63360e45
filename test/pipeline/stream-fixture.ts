import { randomUUID } from 'node:crypto'
import type { Snapshot, Table } from '#lake'
import { openTable, readRows } from '#lake'
import { memoryLog } from '#log'
import type { Allowance, LandTopicEffects } from '#pipeline'
import { landTopic, newAsking } from '#pipeline'
import type { Failpoint, NewRecord, ObjectStore, PlatformEvent, RecordLog, Topic } from '#port'
import { noFailpoint } from '#port'
import { memoryStore } from '#storage'

export const dataset = 'visit'
export const topicName = 'visits'

export interface Bed {
  readonly log: RecordLog
  readonly store: ObjectStore
  readonly events: PlatformEvent[]
  /** A consumer of its own, with what it knows of the tables. */
  consumer(changes?: Partial<LandTopicEffects>): { land(options?: LandOptions): Promise<number> }
  table(): Table
  send(topic: Topic, partition: number, ...values: readonly (string | null)[]): Promise<void>
}

interface LandOptions {
  readonly once?: boolean
  readonly allow?: readonly Allowance[]
  readonly maxBytes?: number
  readonly maxAgeMs?: number
}

export function bed({ log = newLog(), store = memoryStore() }: { log?: RecordLog; store?: ObjectStore } = {}): Bed {
  const events: PlatformEvent[] = []
  const open = (at: ObjectStore, failpoint: Failpoint) => {
    const tables = new Map<string, Table>()
    return (root: string): Table => {
      const table =
        tables.get(root) ??
        openTable(at, root, {
          ...{ nowMs: Date.now, newId: randomUUID, sleep: async () => {}, random: Math.random, report: () => {} },
          ...{ failpoint, engineInfo: 'test' },
        })
      tables.set(root, table)
      return table
    }
  }
  return {
    log,
    store,
    events,
    consumer(changes = {}) {
      const failpoint = changes.failpoint ?? noFailpoint
      const effects: LandTopicEffects = {
        ...{
          log,
          store,
          table: open(changes.store ?? store, failpoint),
          nowMs: Date.now,
          random: Math.random,
          failpoint,
        },
        ...{ sleep: async () => {}, report: (event) => void events.push(event), memoryIsTight: () => false },
        after: ringAfter,
        flushing: newAsking(),
        signal: new AbortController().signal,
        ...changes,
      }
      return {
        land: ({ once = true, allow = [], maxBytes = 1 << 20, maxAgeMs = 50 } = {}) =>
          landTopic(
            {
              ...{ dataset, topic: topicName, once, allowed: new Set(allow), consumer: 'test' },
              flush: { maxBytes, maxAgeMs },
            },
            effects,
          ),
      }
    },
    table: () => open(store, noFailpoint)(`bronze/${dataset}`),
    async send(topic, partition, ...values) {
      const records: NewRecord[] = values.map((value) => ({
        ...{ partition, key: null, headers: [] },
        value: value === null ? null : new TextEncoder().encode(value),
      }))
      await log.append(topic, records)
    },
  }
}

export function ringAfter(ms: number, ring: () => void): () => void {
  const timer = setTimeout(ring, ms)
  return () => clearTimeout(timer)
}

export function newLog(): RecordLog {
  return memoryLog({ nowMs: Date.now, newId: randomUUID })
}

/** `partition:offset=value` of every row in Bronze, in order. */
export async function landedIn(table: Table, store: ObjectStore): Promise<readonly string[]> {
  const snapshot: Snapshot | undefined = await table.snapshot()
  if (snapshot === undefined) return []
  const rows: { at: number; text: string }[] = []
  for await (const batch of readRows(store, table.root, snapshot)) {
    for (const { partition, offset, value } of batch) {
      const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : 'null'
      rows.push({ at: Number(partition) * 1e9 + Number(offset), text: `${partition}:${offset}=${text}` })
    }
  }
  return rows.sort((a, b) => a.at - b.at).map(({ text }) => text)
}
