import type { LogRecord, RecordLog, Topic } from '#port'
import { Fault } from '#port'

export interface TestLog {
  readonly log: RecordLog
  readonly records: (topic: string) => readonly LogRecord[]
  /** The next calls of `append` fail for weather, before or after they wrote. */
  failNext(times: number, when: 'before' | 'after'): void
  readonly sizes: readonly number[]
}

/** As much of a log as producers ask for, in memory. */
export function testLog(nowMs: () => number): TestLog {
  const topics = new Map<string, { topic: Topic; partitions: LogRecord[][]; producers: Map<string, number> }>()
  const sizes: number[] = []
  let failures: ('before' | 'after')[] = []
  const beyond = (): never => {
    throw new Error('no producer asks for this')
  }
  const weather = (): Fault => new Fault('log/unreachable', 'It rains.', { mend: 'Wait.', retry: true })
  const standing = ({ name }: Topic) => topics.get(name) ?? beyond()
  const log: RecordLog = {
    name: 'a test',
    topic: async (name) => topics.get(name)?.topic,
    async createTopic(name, partitions) {
      const made = topics.get(name) ?? {
        topic: { name, id: `id of ${name}`, partitions },
        partitions: Array.from({ length: partitions }, () => []),
        producers: new Map(),
      }
      topics.set(name, made)
      return made.topic
    },
    async append(topic, records, producer) {
      const failure = failures.shift()
      if (failure === 'before') throw weather()
      const { partitions, producers } = standing(topic)
      if (producer !== undefined) {
        const sequence = producers.get(producer.id) ?? 0
        if (sequence !== producer.sequence) return { outcome: 'moved', sequence }
        producers.set(producer.id, sequence + records.length)
      }
      sizes.push(records.length)
      for (const record of records) {
        const held = partitions[record.partition] ?? beyond()
        held.push({ ...record, offset: held.length, timestampMs: nowMs() })
      }
      if (failure === 'after') throw weather()
      return { outcome: 'appended' }
    },
    sequenceOf: async (topic, producer) => standing(topic).producers.get(producer) ?? 0,
    removeTopic: beyond,
    read: beyond,
    ranges: beyond,
    waitBeyond: beyond,
    noteConsumed: beyond,
    close: async () => {},
  }
  return {
    log,
    sizes,
    records: (name) => topics.get(name)?.partitions.flat() ?? [],
    failNext(times, when) {
      failures = Array.from({ length: times }, () => when)
    },
  }
}
