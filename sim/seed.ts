import type { Allowance } from '#pipeline'
import { audit } from './audit.ts'
import type { Check } from './checks.ts'
import { Broken } from './checks.ts'
import type { Coverage } from './coverage.ts'
import { bucketLake, diskLake, makeBriefTables } from './lake.ts'
import { roughLog } from './log.ts'
import { produce } from './producer.ts'
import type { Process } from './scheduler.ts'
import { Stuck } from './scheduler.ts'
import { simulatedTopics } from './topics.ts'
import { newWitness } from './witness.ts'
import type { Place } from './worker.ts'
import { drain, surprised, work } from './worker.ts'
import { newWorld } from './world.ts'

export interface SeedOutcome extends Coverage {
  readonly seed: number
  /** Undefined: all holds. */
  readonly broken: { readonly check: Check; readonly what: string } | undefined
  readonly turns: number
  readonly simulatedMs: number
  readonly landed: number
  /** What happened, line by line; the same for the same seed. */
  readonly story: readonly string[]
}

/** A process that is to be there for as long as the rough weather lasts. */
interface Post {
  readonly name: string
  readonly start: (process: Process) => Promise<void>
}

/** One life of a lake: workers land, clean and maintain, a producer sends, and everything goes wrong; then the weather clears, the rest is done, and all of it is audited. */
export async function runSeed(seed: number): Promise<SeedOutcome> {
  const posts = new Map<Process, Post>()
  const ends = new Set<Promise<void>>()
  const world = newWorld(seed, (process) => {
    const post = posts.get(process)
    posts.delete(process)
    topics.lose(process)
    if (post !== undefined) void restart(post)
  })
  const dice = world.diceOf('plan')
  const witness = newWitness(world)
  const lake = (dice.chance(0.4) ? diskLake : bucketLake)(world, witness)
  const topics = await simulatedTopics(world)
  const allowed = new Set<Allowance>()
  const stop = new AbortController()
  let starts = 0
  let isOver = false
  let landed = 0

  const placeOf = (process: Process): Place => ({
    ...{ process, witness, parted: topics.parted },
    store: (role) => lake.view(process, role),
    log: (role) => roughLog(topics, world, process, role, world.diceOf(`${process.name} ${role} log`)),
  })

  function start(post: Post): void {
    starts += 1
    const process = world.process(`${post.name}.${starts}`)
    posts.set(process, post)
    const end = post.start(process).then(
      () => void ends.delete(end),
      (error: unknown) => world.fail('no surprise', `${process.name}: ${error instanceof Error ? error.stack : error}`),
    )
    ends.add(end)
    lives.set(process, end)
  }
  const lives = new Map<Process, Promise<void>>()

  async function restart(post: Post): Promise<void> {
    await world.sleep(world.nature, dice.whole(50, 4_000))
    if (world.isRough) start(post)
  }

  async function cutPower(): Promise<void> {
    world.tell('power cut')
    world.tally.add('power cuts')
    const all = [...posts]
    for (const [process, post] of all) {
      for (const site of world.scheduler.kill(process)) world.crashed.add(site)
      world.tally.add('crashes')
      posts.delete(process)
      topics.lose(process)
      void restart(post)
    }
    lake.cutPower?.()
    await witness.recount(lake.plain)
  }

  /** What nature does once or twice in a run, each at its moment. */
  function disturbances(): readonly (() => Promise<void> | void)[] {
    const some = <T>(share: number, most: number, deed: T): T[] =>
      dice.chance(share) ? Array.from({ length: dice.whole(1, most) }, () => deed) : []
    return [
      ...some(0.5, 3, topics.shuffle),
      ...some(0.12, 1, topics.makeAnew),
      ...some(0.12, 2, topics.forget),
      ...some(0.2, 3, topics.elect),
      ...(lake.cutPower === undefined ? [] : some(world.isOfMaintenance ? 0.5 : 0.9, 3, cutPower)),
      ...some(world.isOfMaintenance ? 1 : 0.2, 1, () => world.sleep(world.nature, dice.whole(30_000, 80_000))),
    ]
  }

  async function life(): Promise<void> {
    if (world.isOfMaintenance || dice.chance(0.4)) await makeBriefTables(world, lake)
    const wanted = dice.whole(12, 40)
    let sent = 0
    const produceFrom = (process: Process) =>
      produce(world, process, placeOf(process).log('produce'), world.diceOf(process.name), () => sent >= wanted)
    for (let i = dice.whole(1, 3); i > 0; i -= 1)
      start({ name: `worker${i}`, start: (process) => work(world, placeOf(process), { allowed, signal: stop.signal }) })
    start({ name: 'producer', start: produceFrom })
    const deeds = disturbances()
    for (let i = 0; sent < wanted; sent = await topics.sent()) {
      await world.sleep(world.nature, dice.whole(200, 2_500))
      const due = deeds[i]
      if (due === undefined || dice.chance(0.4)) continue
      i += 1
      await due()
    }
    await world.sleep(world.nature, dice.whole(0, 8_000))
    world.isRough = false
    stop.abort()
    for (const process of posts.keys()) process.pausedUntilMs = 0
    await Promise.all([...posts.keys()].map((process) => lives.get(process)))
    // What was under way when its caller gave up is done by now.
    await world.sleep(world.nature, 20_000)
    await drain(world, placeOf(world.process('drain')), allowed)
    const { store, held } = { store: lake.plain, held: await topics.held() }
    const input = { store, topics: held, witness, allowed, nowMs: world.nowMs(), dice: world.diceOf('audit') }
    landed = (await audit(input)).landed
    isOver = true
  }

  let broken: SeedOutcome['broken']
  const startMs = world.nowMs()
  try {
    life().catch((error: unknown) => {
      if (error instanceof Broken) world.fail(error.check, error.message)
      else surprised(world, 'draining', error)
    })
    await world.run(() => isOver)
  } catch (error) {
    if (error instanceof Broken) broken = { check: error.check, what: error.message }
    else if (error instanceof Stuck) broken = { check: 'liveness', what: error.message }
    else throw error
  }
  return {
    ...{ seed, broken, landed, story: world.story, turns: world.scheduler.turns },
    simulatedMs: world.nowMs() - startMs,
    ...{ counts: world.tally.counts, met: world.met.counts, crashed: world.crashed.counts },
  }
}
