/**
 * `npm run chaos -- --cycles N [--seed S]`: a season into a real Kafka broker and two consumers of one group into one lake, with maintenance on. Each cycle
 * ends with `kill -9` of one of them, another, or all, at a random moment or at a named place; the next starts them again. Then the lake holds
 * every (partition, offset) of the topic once, by a plain client's reading of it. Prints a line of JSON; exit code 1 where a record is lost or there twice.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
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
import { compareBronze, readKafkaTopic, untilSettled } from './kafka-truth.ts'
import { checkStream } from './stream-truth.ts'

const dataset = 'survey_live'
const topic = 'school_climate_stream'
const rate = 300
const seasonSeconds = 8
/** A consumer is missed after so long; a cycle that is shorter than two of these is one in which partitions change hands and little lands. */
const sessionMs = 1_500
/** From a start to a kill at a random moment. */
const moments = { leastMs: 300, mostMs: 4_500 }
/** A place that was not met by then is not waited for. */
const placeMs = 7_000
const toldEvery = 10

const roles = ['producer', 'consumer', 'other consumer'] as const
type Role = (typeof roles)[number]

interface Tally {
  cycles: number
  /** Cycles in which Bronze grew. */
  grew: number
  readonly killed: Record<Role, number>
  /** Kills at a random moment, by who died together. */
  readonly atMoments: Record<string, number>
  /** Deaths at a named place. */
  readonly places: Record<string, number>
}

const { values: given } = parseArgs({
  options: { cycles: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
})
const cycles = Number(given.cycles)
if (!Number.isInteger(cycles) || cycles < 1) throw new Error('--cycles is a whole number from 1')
let drawn = 0
/** From 0, below 1. */
const random = (): number => {
  drawn += 1
  return createHash('sha256').update(`${given.seed} ${drawn}`).digest().readUInt32BE() / 2 ** 32
}
const oneOf = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T
/** Named places that are still to come. */
const places: Record<'consumer' | 'producer', FailpointName[]> = { consumer: [], producer: [] }

if (whyNoBroker !== undefined) console.log(`skipped: ${whyNoBroker}`)
else {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-chaos-'))
  const broker = await newBroker(() => ['group.min.session.timeout.ms=1000'])
  try {
    await broker.start()
    await chaos(broker.address, join(root, 'lake'))
  } finally {
    await broker.remove()
    rmSync(root, { recursive: true, force: true })
  }
}

async function chaos(address: string, lake: string): Promise<void> {
  const startedMs = performance.now()
  const env = { FAIRLEAD_KAFKA_BROKERS: address, FAIRLEAD_KAFKA_SESSION_MS: String(sessionMs) }
  const common = ['--lake', lake, '--quiet']
  let seasons = 1
  const season = () => ['--rate', String(rate), '--seconds', String(seasonSeconds), '--seed', String(seasons)]
  const fleet = newFleet<Role>(
    (role) => ['stream', ...(role === 'producer' ? ['season', ...season()] : ['consume']), ...common],
    env,
  )
  const tally: Tally = {
    ...{ cycles: 0, grew: 0, atMoments: {}, places: {} },
    killed: { producer: 0, consumer: 0, 'other consumer': 0 },
  }
  await makeLake(lake, dataset)
  const { table } = await openLake(lake, { report: () => {}, failpoint: noFailpoint })
  const bronze = table(`bronze/${dataset}`)
  const landed = async () => [...((await bronze.snapshot())?.txns.values() ?? [])].reduce((sum, end) => sum + end, 0)
  try {
    let before = await landed()
    while (tally.cycles < cycles) {
      await cycle(fleet, tally, () => {
        seasons += 1
      })
      const now = await landed()
      if (now > before) tally.grew += 1
      before = now
      if (tally.cycles % toldEvery === 0) {
        const killed = Object.values(tally.killed).reduce((sum, each) => sum + each, 0)
        console.error(`${tally.cycles} cycles, ${killed} killed, ${now} offsets landed`)
      }
    }
    await fleet.kill(roles)
    assert.equal(await ended(fleet.start('producer')), 0)
    await untilSettled(address, topic)
    await runToEnd(['stream', 'consume', '--once', ...common], env)
  } finally {
    await fleet.kill(roles)
  }
  const truth = await readKafkaTopic(address, topic)
  const difference = await compareBronze(lake, truth, dataset)
  const snapshot = await bronze.snapshot()
  const tookS = Math.round((performance.now() - startedMs) / 1000)
  const commits = snapshot?.version
  console.log(JSON.stringify({ ...tally, ...difference, commits, files: snapshot?.files.length, seasons, tookS }))
  assert.deepEqual({ ...difference, records: 0 }, { records: 0, lost: 0, twice: 0 })
  await checkStream(lake, truth, dataset)
}

/** Starts who is not there, some of them to die at a place, and ends with a kill. */
async function cycle(fleet: Fleet<Role>, tally: Tally, nextSeason: () => void): Promise<void> {
  tally.cycles += 1
  const doomed = new Map<Role, Promise<unknown>>()
  for (const role of roles) {
    if (fleet.running.has(role)) continue
    const place = random() < 0.5 ? nextPlace(role) : undefined
    const end = ended(fleet.start(role, place)).then((how) => {
      if (how === 'SIGKILL') tally.killed[role] += 1
      if (how === 0 && role === 'producer') nextSeason()
      return how
    })
    if (place === undefined) continue
    const met = end.then(() => {
      // Unless it was killed from outside before it got there.
      if (doomed.delete(role)) add(tally.places, place)
    })
    doomed.set(role, met)
  }
  const died = doomed.size > 0 && (await Promise.race([...doomed.values(), sleep(placeMs, 'late')])) !== 'late'
  if (died && doomed.size === 0 && random() < 0.7) return
  if (!died && doomed.size === 0) await sleep(moments.leastMs + random() * (moments.mostMs - moments.leastMs))
  const chosen = oneOf<readonly Role[]>([
    ...([['consumer'], ['consumer'], ['other consumer'], ['other consumer']] as const),
    ...([['consumer', 'other consumer'], ['producer'], roles] as const),
  ])
  // Whoever has not met its place yet is not left to meet it in another cycle.
  const victims = roles.filter((role) => fleet.running.has(role) && (chosen.includes(role) || doomed.has(role)))
  doomed.clear()
  if (victims.length > 0) add(tally.atMoments, victims.join(' + '))
  await fleet.kill(victims)
}

/** Each once, in any order, before one comes again. */
function nextPlace(role: Role): FailpointName | undefined {
  const kind = role === 'producer' ? 'producer' : 'consumer'
  if (places[kind].length === 0) places[kind] = [...(kind === 'producer' ? producerPoints : consumerPoints)]
  return places[kind].splice(Math.floor(random() * places[kind].length), 1)[0]
}

function add(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1
}
