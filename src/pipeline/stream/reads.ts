import type { ReadAnswer } from '#port'

/** A read that ended. */
export interface Arrival {
  readonly partition: number
  /** The offset that was asked for. */
  readonly from: number
  readonly answer: PromiseSettledResult<ReadAnswer>
}

/** Reads of several partitions at once, so that one that is slow keeps no other waiting. */
export interface Reads {
  readonly size: number
  has(partition: number): boolean
  begin(partition: number, from: number, read: () => Promise<ReadAnswer>): void
  /** What arrived since the last call, in order of arrival. */
  arrived(): readonly Arrival[]
  /** Called at every arrival. */
  ring: () => void
}

export function newReads(): Reads {
  const underWay = new Set<number>()
  let arrivals: Arrival[] = []
  const reads: Reads = {
    get size() {
      return underWay.size
    },
    has: (partition) => underWay.has(partition),
    begin(partition, from, read) {
      underWay.add(partition)
      const arrive = (answer: PromiseSettledResult<ReadAnswer>): void => {
        underWay.delete(partition)
        arrivals.push({ partition, from, answer })
        reads.ring()
      }
      read().then(
        (value) => arrive({ status: 'fulfilled', value }),
        (reason: unknown) => arrive({ status: 'rejected', reason }),
      )
    },
    arrived() {
      const taken = arrivals
      arrivals = []
      return taken
    },
    ring: () => {},
  }
  return reads
}
