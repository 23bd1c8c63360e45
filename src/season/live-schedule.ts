import type { Dice } from './random.ts'
import { diceFor } from './random.ts'

/** Shares of all records, each from 0, together at most one half. */
export interface Disturbances {
  /** A report from an older moment, which comes after newer ones. */
  readonly late: number
  /** A record that is sent again, byte for byte. */
  readonly repeated: number
  /** A record that breaks a rule of the contract. */
  readonly malformed: number
}

export type Disturbance = keyof Disturbances

/** Which records of a season are reports in order, and which are something else. Each question is answered by arithmetic, from the number alone. */
export interface Schedule {
  /** Reports in order, in all. */
  readonly reports: number
  /** Reports in order among the records before this one. */
  reportsBefore(sequence: number): number
  /** What disturbs the order at this record, with dice of its own; undefined for a report in order. */
  disturbanceAt(sequence: number): { readonly kind: Disturbance; readonly dice: Dice } | undefined
}

/** Shares are kept in whole millionths, so that the arithmetic is exact. */
const whole = 1_000_000

export function scheduleOf(seed: number, records: number, shares: Disturbances): Schedule {
  const [late, repeated, malformed] = [shares.late, shares.repeated, shares.malformed].map((share) =>
    Math.round(share * whole),
  ) as [number, number, number]
  const disturbed = late + repeated + malformed

  // The records are cut into runs of nearly equal length, each with one disturbance somewhere in it.
  const runOf = (sequence: number): number => Math.floor((sequence * disturbed) / whole)
  const startOf = (run: number): number => Math.ceil((run * whole) / disturbed)
  const placeIn = (run: number): number => diceFor(seed, 'disturbance', run).whole(startOf(run), startOf(run + 1) - 1)
  // Questions come in order, many of the same run.
  let [known, place] = [-1, -1]
  const disturbedIn = (run: number): number => {
    if (run !== known) [known, place] = [run, placeIn(run)]
    return place
  }

  function reportsBefore(sequence: number): number {
    if (disturbed === 0) return sequence
    const run = runOf(sequence)
    return sequence - run - (disturbedIn(run) < sequence ? 1 : 0)
  }

  return {
    reports: reportsBefore(records),
    reportsBefore,
    disturbanceAt(sequence) {
      if (disturbed === 0) return undefined
      const run = runOf(sequence)
      if (disturbedIn(run) !== sequence) return undefined
      const dice = diceFor(seed, 'kind', run)
      const thrown = dice.whole(1, disturbed)
      const kind = thrown <= late ? 'late' : thrown <= late + repeated ? 'repeated' : 'malformed'
      return { kind, dice }
    },
  }
}
