/**
 * A topic into Bronze, in a process of its own and as `stream consume` does it, without what comes after Bronze: `node bench/landing.ts BROKERS TOPIC LAKE drain`
 * lands what is there and ends; `… follow FLUSH_MS` lands until SIGTERM, with compaction, checkpoints and clean-up on the thread that a stream has for them.
 * Prints a line of JSON: records, CPU seconds, most memory.
 */
import { kafkaLog } from '#log'
import { landTopic, newAsking } from '#pipeline'
import type { PlatformEvent } from '#port'
import { noFailpoint } from '#port'
import { openLake } from '../src/platform/lake.ts'
import { maintainInThread } from '../src/platform/maintain.ts'

const dataset = 'message'
const flushBytes = 16 << 20
const maintainEveryMs = 5_000
const [address = '', topic = '', folder = '', how, flushMs] = process.argv.slice(2)
const once = how === 'drain'

const deeds: Record<string, number> = {}
const report = (event: PlatformEvent) => {
  if (event.kind === 'fault' || event.kind === 'retry') console.error(JSON.stringify(event))
  if (event.kind === 'lake/maintained') deeds[event.deed] = (deeds[event.deed] ?? 0) + 1
}
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const { store, table } = await openLake(folder, { report, failpoint: noFailpoint })
const log = await kafkaLog(
  { brokers: [address], replication: -1, sessionMs: 10_000, tls: undefined, sasl: undefined },
  { report },
)
const tables = [{ root: `bronze/${dataset}`, compact: true }]
const request = { lake: folder, tables, everyMs: maintainEveryMs, engine: { memoryMb: 256 } }
const maintaining = once ? undefined : maintainInThread(request, { report, signal: stop.signal })
const flush = { maxBytes: flushBytes, maxAgeMs: Number(flushMs ?? 600_000) }
const n = await landTopic(
  { dataset, topic, flush, once, allowed: new Set(), consumer: 'bench' },
  {
    ...{ log, store, table, report, nowMs: Date.now, random: Math.random, failpoint: noFailpoint },
    after(ms, ring) {
      const timer = setTimeout(ring, ms)
      return () => clearTimeout(timer)
    },
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    ...{ signal: stop.signal, flushing: newAsking(), memoryIsTight: () => false },
  },
)
await maintaining
await log.close()
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
console.log(JSON.stringify({ n, cpu: (userCPUTime + systemCPUTime) / 1e6, rssMb: maxRSS / 1024, deeds }))
