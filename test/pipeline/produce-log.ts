import { memoryLog } from '#log'
import type { LogRecord, RecordLog } from '#port'
import { Fault, recordsOf } from '#port'

export interface TestLog {
  readonly log: RecordLog
  /** All records of a topic, partition after partition. */
  readonly records: (topic: string) => Promise<readonly LogRecord[]>
  /** The next calls of `append` fail for weather, before or after they wrote. */
  failNext(times: number, when: 'before' | 'after'): void
  /** Records in each batch. */
  readonly sizes: readonly number[]
}

/** The reference log, with weather. */
export function testLog(nowMs: () => number): TestLog {
  const memory = memoryLog({ nowMs })
  const sizes: number[] = []
  let failures: ('before' | 'after')[] = []
  const weather = (): Fault => new Fault('log/unreachable', 'It rains.', { mend: 'Wait.', retry: true })
  return {
    log: {
      ...memory,
      async append(...call) {
        const failure = failures.shift()
        if (failure === 'before') throw weather()
        const outcome = await memory.append(...call)
        sizes.push(call[1].length)
        if (failure === 'after') throw weather()
        return outcome
      },
    },
    sizes,
    async records(name) {
      const topic = await memory.topic(name)
      if (topic === undefined) return []
      const all: LogRecord[] = []
      for (let partition = 0; partition < topic.partitions; partition += 1)
        all.push(...recordsOf(await memory.read(topic, partition, 0, { maxBytes: 1e9, maxRecords: 1e6 })))
      return all
    },
    failNext(times, when) {
      failures = Array.from({ length: times }, () => when)
    },
  }
}
