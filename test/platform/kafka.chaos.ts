/**
 * `npm run chaos -- --cycles N [--minutes M] [--seed S]`: a season into a real Kafka broker and two consumers of one group into one lake, with maintenance on.
 * Each cycle ends with `kill -9` of one of them, another, or all, at a random moment or at a named place; the next starts them again. Then the lake holds
 * every (partition, offset) of the topic once, by a plain client's reading of it. Ctrl-C ends it after a cycle. Prints a line of JSON; exit code 1 where a record is lost or there twice,
 * or where a run of 50 cycles and more has not killed at every place, by either consumer, and beside the maintenance that it says is on.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { FailpointName } from '#port'
import { noFailpoint } from '#port'
import { openLake } from '../../src/platform/lake.ts'
import { newBroker, whyNoBroker } from '../log/kafka-broker.ts'
import type { Fleet } from './fleet.ts'
import { consumerPoints, ended, makeLake, newFleet, producerPoints, runToEnd } from './fleet.ts'
import { compareBronze, openOffsets, readKafkaTopic } from './kafka-truth.ts'
import { checkStream } from './stream-truth.ts'
import { commitBare, logWatch } from './table-log.ts'

const dataset = 'survey_live'
const topic = 'school_climate_stream'
const rate = 300
const seasonSeconds = 8
/** A consumer is missed after so long; a cycle that is shorter than two of these is one in which partitions change hands and little lands. */
const sessionMs = 1_500
/** From a cycle's start to a kill at a random moment, whatever is done then. */
const moments = { leastMs: 300, mostMs: 4_500 }
/** In the other cycles, so many commits of Bronze are waited for first, unless they do not come. */
const work = { share: 0.7, mostCommits: 20, mostMs: 8_000, lookEveryMs: 50, atMostLaterMs: 300 }
/** A place that was not met by then is left to another process. */
const placeMs = 20_000
/** More than two checkpoints' worth. */
const bareCommits = 32
const toldEvery = 10
/** From so many cycles on, a run that has not killed at every place fails. */
const coveredFrom = 50
/** Cycles that may be added for places not met yet. */
const mostAdded = 30

const roles = ['producer', 'consumer', 'other consumer'] as const
type Role = (typeof roles)[number]
const consumers = ['consumer', 'other consumer'] as const
/** Of those that start, how many are to die at a place. A producer comes by its places with each batch, so that one which is to die there sends next to nothing. */
const doomedShare: Record<Role, number> = { producer: 0.25, consumer: 0.7, 'other consumer': 0.7 }

/** A process that is to die at a place. */
interface Doomed {
  readonly place: FailpointName
  readonly sinceMs: number
  readonly died: Promise<unknown>
}

interface Tally {
  cycles: number
  /** Cycles in which Bronze grew. */
  grew: number
  readonly killed: Record<Role, number>
  /** Kills at a random moment, by who died together. */
  readonly atMoments: Record<string, number>
  /** Deaths at a named place, by who died there. */
  readonly places: Record<Role, Record<string, number>>
  /** Commits of Bronze, by operation, and checkpoints of it. */
  readonly commits: Record<string, number>
}

const { values: given } = parseArgs({
  options: {
    cycles: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '600' },
    seed: { type: 'string', default: '1' },
  },
})
const [cycles, minutes] = [Number(given.cycles), Number(given.minutes)]
if (!Number.isInteger(cycles) || cycles < 1) throw new Error('--cycles is a whole number from 1')
if (!(minutes > 0)) throw new Error('--minutes is a number above 0')
let drawn = 0
/** From 0, below 1. */
const random = (): number => {
  drawn += 1
  return createHash('sha256').update(`${given.seed} ${drawn}`).digest().readUInt32BE() / 2 ** 32
}
const oneOf = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
/** Named places that are still to come, by who is to die there. */
const places: Record<Role, FailpointName[]> = { producer: [], consumer: [], 'other consumer': [] }
const pointsOf = (role: Role) => (role === 'producer' ? producerPoints : consumerPoints)

if (whyNoBroker !== undefined) console.log(`skipped: ${whyNoBroker}`)
else {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-chaos-'))
  const broker = await newBroker(() => ['group.min.session.timeout.ms=1000'])
  try {
    await broker.start()
    await chaos(broker.address, root)
  } finally {
    await broker.remove()
    rmSync(root, { recursive: true, force: true })
  }
}

async function chaos(address: string, root: string): Promise<void> {
  const startedMs = performance.now()
  const [lake, scratch] = [join(root, 'lake'), join(root, 'scratch')]
  mkdirSync(scratch)
  // Who is killed leaves its scratch behind.
  const env = { FAIRLEAD_KAFKA_BROKERS: address, FAIRLEAD_KAFKA_SESSION_MS: String(sessionMs), TMPDIR: scratch }
  const common = ['--lake', lake, '--quiet']
  let seasons = 1
  const season = () => ['--rate', String(rate), '--seconds', String(seasonSeconds), '--seed', String(seasons)]
  const fleet = newFleet<Role>(
    (role) => ['stream', ...(role === 'producer' ? ['season', ...season()] : ['consume']), ...common],
    env,
  )
  const tally: Tally = {
    ...{ cycles: 0, grew: 0, atMoments: {}, commits: {} },
    places: { producer: {}, consumer: {}, 'other consumer': {} },
    killed: { producer: 0, consumer: 0, 'other consumer': 0 },
  }
  await makeLake(lake, dataset)
  const { store, table } = await openLake(lake, { report: () => {}, failpoint: noFailpoint })
  const bronze = table(`bronze/${dataset}`)
  const landed = async () => {
    const txns = [...((await bronze.snapshot())?.txns ?? [])].filter(([appId]) => appId.startsWith('land:'))
    return txns.reduce((sum, [, end]) => sum + end, 0)
  }
  const watch = logWatch(join(lake, 'bronze', dataset, '_delta_log'), tally.commits)
  const doomed = new Map<Role, Doomed>()
  const version = async () => (await bronze.snapshot())?.version ?? -1
  const nextSeason = () => {
    seasons += 1
  }
  const another = () => commitBare(store, `bronze/${dataset}`, bareCommits)
  let isStopped = false
  const stop = () => {
    isStopped = true
  }
  process.once('SIGINT', stop)
  const isOver = () => isStopped || performance.now() - startedMs > minutes * 60_000
  const isLacking = () => cycles >= coveredFrom && missedIn(tally).length > 0 && tally.cycles < cycles + mostAdded
  const ticking = setInterval(() => void watch(), 1_000)
  try {
    let before = await landed()
    while ((tally.cycles < cycles || isLacking()) && !isOver()) {
      await cycle(fleet, tally, doomed, { version, nextSeason, another })
      const now = await landed()
      if (now > before) tally.grew += 1
      before = now
      if (tally.cycles % toldEvery === 0) {
        const killed = Object.values(tally.killed).reduce((sum, each) => sum + each, 0)
        const tookS = Math.round((performance.now() - startedMs) / 1000)
        console.error(
          `${tally.cycles} cycles, ${tookS} s, ${killed} killed, ${now} offsets landed, ${missedIn(tally).length} places to come`,
        )
      }
    }
    doomed.clear()
    await fleet.kill(roles)
    assert.equal(await ended(fleet.start('producer')), 0)
    const openAtDrain = await openOffsets(address, topic)
    await runToEnd(['stream', 'consume', '--once', ...common], env)
    await watch()
    const truth = await readKafkaTopic(address, topic)
    const difference = await compareBronze(lake, truth, dataset)
    const files = (await bronze.snapshot())?.files.length
    const tookS = Math.round((performance.now() - startedMs) / 1000)
    const { seed } = given
    console.log(JSON.stringify({ seed, ...tally, ...difference, openAtDrain, files, seasons, tookS }))
    assert.deepEqual({ ...difference, records: 0 }, { records: 0, lost: 0, twice: 0 })
    assert.equal(difference.records, seasons * rate * seasonSeconds, 'every season is in the topic whole, and once')
    await checkStream(lake, truth, dataset)
    if (tally.cycles >= coveredFrom) checkCoverage(tally)
  } finally {
    clearInterval(ticking)
    await fleet.kill(roles)
  }
}

interface Beside {
  /** Of Bronze. */
  readonly version: () => Promise<number>
  readonly nextSeason: () => void
  /** A writer that leaves no checkpoints, so that maintenance has to. */
  readonly another: () => Promise<void>
}

/** Starts who is not there, some of them to die at a place, whenever they come by it; ends with the first such death, or with a kill at a random moment. */
async function cycle(
  fleet: Fleet<Role>,
  tally: Tally,
  doomed: Map<Role, Doomed>,
  { version, nextSeason, another }: Beside,
): Promise<void> {
  tally.cycles += 1
  for (const role of roles) {
    if (fleet.running.has(role)) continue
    const place = random() < doomedShare[role] ? nextPlace(role, tally) : undefined
    const end = ended(fleet.start(role, place)).then((how) => {
      if (how === 'SIGKILL') tally.killed[role] += 1
      if (how === 0 && role === 'producer') nextSeason()
      return how
    })
    if (place === undefined) continue
    const died = end.then((how) => {
      // Unless it was killed from outside before it got there.
      if (doomed.get(role)?.died !== died) return
      doomed.delete(role)
      if (how === 'SIGKILL') add(tally.places[role], place)
    })
    doomed.set(role, { place, sinceMs: performance.now(), died })
    if (place === 'maintain/checkpoint-written') await another()
  }
  const over = new AbortController()
  const deaths = [...doomed.values()].map(({ died }) => died)
  const first = await Promise.race([momentToKill(version, over.signal), ...deaths])
  over.abort()
  if (first !== 'moment' && random() < 0.7) return
  const chosen = oneOf<readonly Role[]>([
    ...([['consumer'], ['consumer'], ['other consumer'], ['other consumer']] as const),
    ...([consumers, ['producer'], roles] as const),
  ])
  const late = [...doomed].flatMap(([role, { sinceMs }]) => (performance.now() - sinceMs > placeMs ? [role] : []))
  // Most of those that are to die at a place are left until they meet it.
  const spared = random() < 0.8 ? [...doomed.keys()] : []
  const victims = roles.filter(
    (role) => fleet.running.has(role) && (late.includes(role) || (chosen.includes(role) && !spared.includes(role))),
  )
  if (victims.length === 0) {
    await Promise.race([sleep(placeMs), ...deaths])
    return
  }
  for (const role of victims) doomed.delete(role)
  add(tally.atMoments, victims.join(' + '))
  await fleet.kill(victims)
}

async function momentToKill(version: () => Promise<number>, signal: AbortSignal): Promise<'moment'> {
  const pause = async (ms: number) => void (await sleep(ms, undefined, { signal }).catch(() => {})) // woken early by the cycle's end
  if (random() >= work.share) {
    await pause(moments.leastMs + random() * (moments.mostMs - moments.leastMs))
    return 'moment'
  }
  const [first, wanted] = [await version(), 1 + Math.floor(random() * work.mostCommits)]
  for (const startedMs = performance.now(); !signal.aborted && performance.now() - startedMs < work.mostMs; ) {
    if ((await version()) >= first + wanted) break
    await pause(work.lookEveryMs)
  }
  await pause(random() * work.atMostLaterMs)
  return 'moment'
}

/** Those that nobody has died at yet, as often as it takes; then each once, in any order, before one comes again. */
function nextPlace(role: Role, tally: Tally): FailpointName | undefined {
  const missed = pointsOf(role).filter((place) => missedIn(tally).includes(place))
  if (places[role].length === 0) places[role] = [...pointsOf(role)]
  const place = oneOf(missed.length > 0 ? missed : places[role])
  places[role] = places[role].filter((each) => each !== place)
  return place
}

/** Places at which nobody has died yet. */
function missedIn({ places: met }: Tally): readonly FailpointName[] {
  return [
    ...producerPoints.filter((place) => met.producer[place] === undefined),
    ...consumerPoints.filter((place) => consumers.every((role) => met[role][place] === undefined)),
  ]
}

function checkCoverage(tally: Tally): void {
  assert.deepEqual(missedIn(tally), [], 'somebody died at every place')
  for (const role of roles) {
    assert.ok(Object.keys(tally.places[role]).length >= pointsOf(role).length / 4, `the ${role} died at many places`)
    assert.ok(
      Object.keys(tally.atMoments).some((who) => who.split(' + ').includes(role)),
      `the ${role} died anywhere`,
    )
  }
  assert.ok(tally.grew >= tally.cycles / 2, 'records landed in most cycles')
  const { commits } = tally
  assert.ok((commits['STREAMING UPDATE'] ?? 0) >= tally.cycles, 'batches were landed')
  assert.ok((commits.OPTIMIZE ?? 0) >= tally.cycles / 10, 'files were put together')
  assert.ok((commits.checkpoint ?? 0) >= tally.cycles / 10, 'checkpoints were left')
  assert.ok((commits['log compaction'] ?? 0) >= 1, 'commits were put into one file')
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
