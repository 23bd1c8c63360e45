import type { OffsetRange, RecordLog, Topic } from '#port'
import { Fault } from '#port'

/** What a log last said of a topic. */
export interface Glance {
  /** Undefined where the log has none, or nothing was heard of it yet. */
  readonly topic: Topic | undefined
  readonly ranges: readonly OffsetRange[]
}

/** Looks at a log for who must not wait for it. */
export interface LogGlance {
  /** What stands now; what was heard last where the log does not answer soon. Undefined where there is no log to ask from here. */
  topic(name: string): Promise<Glance | undefined>
  /** Why the log did not answer when it was last asked; undefined where it did. */
  fault(): Fault | undefined
  close(): Promise<void>
}

/** A log that answers takes some milliseconds. */
const patienceMs = 500
/** A log that failed is asked again after so long, by whoever comes then, and nobody waits for it. */
const restMs = 1_000

const unheard: Glance = { topic: undefined, ranges: [] }

interface Look {
  known: Glance
  underWay: Promise<void> | undefined
  beganMs: number
  failedMs: number | undefined
}

/** `open` is asked until there is a log. */
export function logGlance(open: () => Promise<RecordLog | undefined>, nowMs: () => number): LogGlance {
  let log: RecordLog | undefined
  const looks = new Map<string, Look>()
  let fault: Fault | undefined
  /** Whoever looks next is told. */
  let bug: unknown

  async function ask(name: string): Promise<Glance> {
    const topic = await log?.topic(name)
    return topic === undefined ? unheard : { topic, ranges: (await log?.ranges(topic)) ?? [] }
  }

  function begin(name: string, look: Look): void {
    look.beganMs = nowMs()
    look.underWay = ask(name)
      .then(
        (heard) => {
          look.known = heard
          look.failedMs = undefined
          fault = undefined
        },
        (error: unknown) => {
          look.failedMs = nowMs()
          if (error instanceof Fault) fault = error
          else bug = error
        },
      )
      .finally(() => {
        look.underWay = undefined
      })
  }

  return {
    async topic(name) {
      try {
        log ??= await open()
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        fault = error
        return undefined
      }
      if (bug !== undefined) throw bug
      if (log === undefined) return undefined
      const look = looks.get(name) ?? { known: unheard, underWay: undefined, beganMs: 0, failedMs: undefined }
      looks.set(name, look)
      const isResting = look.failedMs !== undefined && nowMs() - look.failedMs < restMs
      if (look.underWay === undefined && !isResting) begin(name, look)
      const leftMs = look.failedMs === undefined ? patienceMs - (nowMs() - look.beganMs) : 0
      if (look.underWay !== undefined && leftMs > 0) await atMost(look.underWay, leftMs)
      if (look.underWay !== undefined && nowMs() - look.beganMs >= patienceMs) fault ??= silent(log, name)
      return look.known
    },
    fault: () => fault,
    close: async () => log?.close(),
  }
}

async function atMost(work: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, ms)
  await Promise.race([work, promise])
  clearTimeout(timer)
}

function silent({ name }: RecordLog, topic: string): Fault {
  return new Fault('log/unreachable', `${name} has not answered yet: describing topic ${topic}.`, {
    mend: 'It is asked again; see whether what keeps it runs.',
    retry: true,
  })
}
