/**
 * Proves the stream's exactly-once by seeds: `npm run sim -- --seeds N [--from FIRST] [--parquet] [--story] [--until CHECK] [--threads N]`.
 * A run of ten thousand seeds or more goes on for up to three times as many again until every kind of await was crashed at. Progress, and seeds that
 * break, are told on stderr. Exit code 1 where a seed is broken, where in such a run some await never was, or where fewer than nine seeds in ten met a
 * disturbance. `--parquet` encodes every file, which takes twice as long; `--story` prints what happened in each seed; `--until` ends at the first that is
 * broken under that name.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { brokenLine, neverCrashed, newSummary, reportOf } from './report.ts'
import type { SeedOutcome } from './seed.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    parquet: { type: 'boolean', default: false },
    story: { type: 'boolean', default: false },
    until: { type: 'string' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
})
const [seeds, from, threads] = [Number(values.seeds), Number(values.from), Number(values.threads)]
if (![seeds, from, threads].every(Number.isSafeInteger) || seeds < 1 || threads < 1) {
  console.error('--seeds, --from and --threads are whole numbers, --seeds and --threads at least 1')
  process.exit(2)
}

/** From so many seeds on, every kind of await must have been crashed at. */
const manySeeds = 10_000
const startedMs = performance.now()
const sums = newSummary()
let isEnough = false
let next = from
const last = from + seeds + (seeds >= manySeeds ? 3 * seeds : 0)

/** Chance decides what the seeds asked for come to: the rarest awaits are met in few seeds. */
const goesOn = (): boolean =>
  !isEnough && (next < from + seeds || (next < last && neverCrashed(sums.summary()).length > 0))

const tellEvery = 5_000

function tellProgress(): void {
  const { seeds: done, broken } = sums.summary()
  const rate = done / ((performance.now() - startedMs) / 1000)
  console.error(`${done} seeds, ${rate.toFixed(1)} a second, ${broken.length} broken`)
}

function runThread(): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./thread.ts', import.meta.url), { workerData: { parquet: values.parquet } })
    thread.on('error', reject)
    thread.on('message', (outcome: SeedOutcome | undefined) => {
      if (outcome !== undefined) {
        if (values.story) console.log(`${outcome.story.join('\n')}\n`)
        sums.add(outcome)
        isEnough ||= values.until !== undefined && outcome.broken?.check === values.until
        if (outcome.broken !== undefined) console.error(brokenLine({ seed: outcome.seed, ...outcome.broken }))
        if (sums.summary().seeds % tellEvery === 0) tellProgress()
      }
      if (goesOn()) {
        thread.postMessage(next)
        next += 1
      } else void thread.terminate().then(() => resolve())
    })
  })
}

await Promise.all(Array.from({ length: Math.min(seeds, threads) }, runThread))
const summary = sums.summary()
console.log(reportOf(summary, performance.now() - startedMs))
const isThin = summary.counting < summary.seeds * 0.9
const isBlind = summary.seeds >= manySeeds && neverCrashed(summary).length > 0
if (isThin && seeds >= manySeeds) console.log('too few seeds met a disturbance')
if (isBlind) console.log(`no seed crashed at: ${neverCrashed(summary).join('; ')}`)
if (summary.broken.length > 0 || isBlind || (isThin && seeds >= manySeeds)) process.exitCode = 1
