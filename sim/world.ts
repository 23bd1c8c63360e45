import type { PlatformEvent } from '#port'
import { Fault } from '#port'
import type { Check } from './checks.ts'
import { Broken } from './checks.ts'
import type { Tally } from './coverage.ts'
import { newTally } from './coverage.ts'
import type { Dice } from './dice.ts'
import { diceFor } from './dice.ts'
import type { Process, Scheduler, Waiting } from './scheduler.ts'
import { scheduler } from './scheduler.ts'

/** How often what goes wrong. */
export interface Weather {
  /** Of each call: refused before it does anything; done, and the answer lost; done only later, perhaps when the caller is gone. */
  readonly refused: number
  readonly lostAnswer: number
  readonly late: number
  /** Of each turn: its process dies, or gets no turn for a while. */
  readonly crash: number
  readonly pause: number
}

/** All that a seed's parts have in common. */
export interface World {
  readonly seed: number
  readonly scheduler: Scheduler
  /** Of the world itself; never dies. */
  readonly nature: Process
  readonly weather: Weather
  readonly tally: Tally
  readonly met: Tally
  readonly crashed: Tally
  /** True while things go wrong. */
  isRough: boolean
  /** True where the seed looks at maintenance, which it then gives time and tables that need it. */
  readonly isOfMaintenance: boolean
  diceOf(purpose: string): Dice
  process(name: string): Process
  /** One more of those numbers that nobody has had. */
  newId(): string
  nowMs(): number
  /** Waits for a turn at a site, which is where a crash may come. */
  turn(process: Process, site: string): Promise<void>
  sleep(process: Process, ms: number): Promise<void>
  /** Ends the run as broken. */
  fail(check: Check, what: string): void
  readonly broken: Broken | undefined
  /** A line of the run's story; what two runs of a seed must have alike. */
  tell(line: string): void
  readonly story: string[]
}

export function newWorld(
  seed: number,
  onDeath: (process: Process) => void,
): World & {
  run(done: () => boolean): Promise<void>
} {
  const dice = diceFor(seed, 'turns')
  const plan = diceFor(seed, 'weather')
  const turns = scheduler(dice)
  const rough = plan.pick([0.3, 1, 1, 2])
  const weather: Weather = {
    refused: 0.01 * rough * plan.next(),
    lostAnswer: 0.03 * rough * plan.next() + 0.002,
    late: 0.03 * rough * plan.next(),
    crash: 0.003 * rough * plan.next() + 0.0015,
    pause: 0.003 * rough * plan.next(),
  }
  const ids = diceFor(seed, 'ids')
  const nature: Process = { name: 'nature', isAlive: true, pausedUntilMs: 0 }
  let targeted = plan.whole(1, 4)
  // What maintenance writes and removes is rarer than the rest: half of the seeds look for one of these deeds.
  const isOfMaintenance = plan.chance(0.5)
  const target = plan.whole(0, (isOfMaintenance ? deeds : targets) - 1)
  const moment = plan.pick(['before', 'after'])
  const isTargeted = (site: string): boolean =>
    isOfMaintenance
      ? (rarest.test(site) && site.endsWith(moment)) ||
        (maintains.test(site) && bucketOf(site.slice(0, site.lastIndexOf(',')), deeds) === target)
      : bucketOf(site, targets) === target
  const fate = diceFor(seed, 'fate')
  const [tally, met, crashed] = [newTally(), newTally(), newTally()]
  const story: string[] = []
  let broken: Broken | undefined

  /** A process dies by chance, or where this seed looks for it: so that each site has seeds of its own. */
  function before({ process, site }: Waiting): boolean {
    if (process === nature || !world.isRough) return true
    if (site === undefined) return true
    met.add(site)
    const isTarget = targeted > 0 && isTargeted(site) && fate.chance(0.5)
    if (isTarget) targeted -= 1
    if (isTarget || fate.chance(weather.crash)) {
      world.tell(`${process.name} dies at ${site}`)
      tally.add('crashes')
      crash(process)
      return false
    }
    if (fate.chance(weather.pause)) {
      tally.add('pauses')
      process.pausedUntilMs = turns.nowMs() + fate.whole(100, longestPauseMs)
      return false
    }
    return true
  }

  function crash(process: Process): void {
    for (const site of turns.kill(process)) crashed.add(site)
    onDeath(process)
  }

  const world: ReturnType<typeof newWorld> = {
    ...{ seed, scheduler: turns, nature, weather, tally, met, crashed, story },
    isRough: true,
    isOfMaintenance,
    diceOf: (purpose) => diceFor(seed, purpose),
    process: (name) => ({ name, isAlive: true, pausedUntilMs: 0 }),
    newId: () => [8, 4, 4, 4, 12].map((length) => hex(ids, length)).join('-'),
    nowMs: turns.nowMs,
    turn: (process, site) => turns.wait(process, site),
    sleep: (process, ms) => turns.wait(process, undefined, ms),
    fail(check, what) {
      broken ??= new Broken(check, what)
    },
    get broken() {
      return broken
    },
    tell(line) {
      story.push(`${turns.nowMs()} ${line}`)
    },
    async run(done) {
      await turns.run(() => broken !== undefined || done(), before)
      if (broken !== undefined) throw broken
    },
  }
  return world
}

/**
 * A process that sleeps, or a write that is late, for longer than half of what a table keeps of removed files may find its upload gone: that the protocol does not
 * bear, and no store does such a thing within an hour. Together they stay below that.
 */
const longestPauseMs = 7_000
export const longestLateMs = 6_000

/** Sites that one seed looks for: about one in so many; and of maintenance one deed in so many. */
const targets = 61
const deeds = 16

const maintains = /^maintain: \S+ (?!read|list)/
/** So rare that all these seeds look for them, each at one of its two moments: who dies before never comes to what is after. */
const rarest = /^maintain: \S+ remove (?:checkpoint|log),/

function bucketOf(site: string, buckets: number): number {
  let hash = 0
  for (let i = 0; i < site.length; i += 1) hash = (Math.imul(hash, 31) + site.charCodeAt(i)) | 0
  return Math.abs(hash) % buckets
}

function hex(dice: Dice, length: number): string {
  let text = ''
  while (text.length < length) text += dice.whole(0, 15).toString(16)
  return text
}

/** A fault that a person need not look at. */
export function isWeather(error: unknown): boolean {
  return error instanceof Fault && error.retry
}

/** What the parts report that a seed counts. */
export function countEvent({ tally }: World, event: PlatformEvent): void {
  if (event.kind === 'stream/fenced') tally.add('fenced')
  if (event.kind === 'stream/landed') tally.add('landed')
  if (event.kind === 'lake/maintained') tally.add(`${event.deed}s`)
}
