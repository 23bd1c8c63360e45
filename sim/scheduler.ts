import type { Dice } from './dice.ts'

/** What dies as one: its waiting is abandoned, its memory is lost, the world goes on. */
export interface Process {
  readonly name: string
  isAlive: boolean
  /** It gets no turn before then. */
  pausedUntilMs: number
}

/** One task that waits for its turn. */
export interface Waiting {
  readonly process: Process
  /** What it waits for, by kind; undefined where it only sleeps. */
  readonly site: string | undefined
  readonly readyMs: number
  readonly resume: () => void
}

export interface Scheduler {
  nowMs(): number
  /** Waits until chosen, at the earliest after so many milliseconds. Of a dead process: for ever. */
  wait(process: Process, site: string | undefined, ms?: number): Promise<void>
  /** Rings once after so many milliseconds; what it answers calls it off. */
  after(process: Process, ms: number, ring: () => void): () => void
  /** Abandons all that the process waits for. Answers at which sites that was. */
  kill(process: Process): readonly string[]
  /** Turns taken. */
  readonly turns: number
  /** Gives turns until `done`. `before` is asked before each; false: the task has lost it, and waits on or is gone. */
  run(done: () => boolean, before: (next: Waiting) => boolean): Promise<void>
}

/** Later than any clock that code under test may look at by mistake, so that what is left over never seems old to it. */
const startMs = 2_000_000_000_000

/** A run that takes more turns than this hangs. */
const mostTurns = 200_000

export class Stuck extends Error {}

/** One thread, a clock that moves only between two turns, and dice that say whose turn is next: what happens is a function of the seed. */
export function scheduler(dice: Dice): Scheduler {
  let waiting: Waiting[] = []
  let nowMs = startMs
  let turns = 0

  function add(process: Process, site: string | undefined, ms: number, resume: () => void): Waiting | undefined {
    if (!process.isAlive) return undefined
    const entry = { process, site, readyMs: nowMs + Math.ceil(ms), resume }
    waiting.push(entry)
    return entry
  }

  /** One of those that are ready. */
  function take(): Waiting {
    let ready = indicesReady()
    if (ready.length === 0) {
      if (waiting.length === 0) throw new Stuck('nobody waits for a turn, and the run is not done')
      nowMs = waiting.reduce((least, each) => Math.min(least, dueMs(each)), Number.POSITIVE_INFINITY)
      ready = indicesReady()
    }
    const at = ready[dice.whole(0, ready.length - 1)]
    const next = at === undefined ? undefined : waiting[at]
    if (next === undefined) throw new Stuck('no task is ready')
    return next
  }

  function indicesReady(): readonly number[] {
    const ready: number[] = []
    for (let at = 0; at < waiting.length; at += 1) {
      const each = waiting[at]
      if (each !== undefined && dueMs(each) <= nowMs) ready.push(at)
    }
    return ready
  }

  function drop(entry: Waiting | undefined): void {
    const at = entry === undefined ? -1 : waiting.indexOf(entry)
    if (at >= 0) waiting.splice(at, 1)
  }

  return {
    nowMs: () => nowMs,
    wait: (process, site, ms = 0) => new Promise((resolve) => void add(process, site, ms, resolve)),
    after(process, ms, ring) {
      const entry = add(process, undefined, ms, ring)
      return () => drop(entry)
    },
    kill(process) {
      process.isAlive = false
      const lost = waiting.filter((each) => each.process === process)
      waiting = waiting.filter((each) => each.process !== process)
      return lost.flatMap(({ site }) => (site === undefined ? [] : [site]))
    },
    get turns() {
      return turns
    },
    async run(done, before) {
      for (;;) {
        await quiet()
        if (done()) return
        turns += 1
        if (turns > mostTurns) throw new Stuck(`the run is not done after ${mostTurns} turns`)
        const next = take()
        // Most answers come at once, some after a while.
        nowMs += dice.chance(0.02) ? dice.whole(50, 1500) : dice.whole(0, 4)
        if (!before(next)) continue
        drop(next)
        next.resume()
      }
    },
  }
}

function dueMs({ readyMs, process }: Waiting): number {
  return Math.max(readyMs, process.pausedUntilMs)
}

/** Answers when nothing goes on any more but what waits for its turn: a tick that a microtask asks for comes after the last microtask. */
function quiet(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)))
}
