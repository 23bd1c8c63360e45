import type { Check } from './checks.ts'
import type { Counts } from './coverage.ts'
import { addCounts, counts } from './coverage.ts'
import type { SeedOutcome } from './seed.ts'

/** What a run of many seeds says. */
export interface Summary {
  readonly seeds: number
  /** Seeds in which something went wrong that the protocol is for. */
  readonly counting: number
  readonly broken: readonly { readonly seed: number; readonly check: Check; readonly what: string }[]
  readonly totals: Counts
  readonly met: Counts
  readonly crashed: Counts
  readonly turns: number
  readonly simulatedMs: number
  readonly landed: number
}

export function summarise(outcomes: Iterable<SeedOutcome>): Summary {
  const { add, summary } = newSummary()
  for (const outcome of outcomes) add(outcome)
  return summary()
}

/** Adds seeds up as they end, so that a run of many holds no more than a run of few. */
export function newSummary(): { add(outcome: SeedOutcome): void; summary(): Summary } {
  const [totals, met, crashed]: [Record<string, number>, Record<string, number>, Record<string, number>] = [{}, {}, {}]
  const broken: Summary['broken'][number][] = []
  const sums = { seeds: 0, counting: 0, turns: 0, simulatedMs: 0, landed: 0 }
  return {
    add(outcome) {
      sums.seeds += 1
      sums.counting += counts(outcome) ? 1 : 0
      sums.turns += outcome.turns
      sums.simulatedMs += outcome.simulatedMs
      sums.landed += outcome.landed
      if (outcome.broken !== undefined) broken.push({ seed: outcome.seed, ...outcome.broken })
      addCounts(totals, outcome.counts)
      addCounts(met, outcome.met)
      addCounts(crashed, outcome.crashed)
    },
    summary: () => ({ ...sums, broken: broken.toSorted((a, b) => a.seed - b.seed), totals, met, crashed }),
  }
}

/** Sites that were met and where no process ever died. */
export function neverCrashed({ met, crashed }: Pick<Summary, 'met' | 'crashed'>): readonly string[] {
  return Object.keys(met)
    .filter((site) => (crashed[site] ?? 0) === 0)
    .sort()
}

/** The first few, and of each check the first. */
function shown(broken: Summary['broken']): Summary['broken'] {
  return broken.filter(({ check }, at) => at < mostBroken || broken.findIndex((each) => each.check === check) === at)
}

const mostBroken = 10

export function brokenLine({ seed, check, what }: Summary['broken'][number]): string {
  return `BROKEN seed ${seed}, ${check}: ${what}`
}

export function reportOf(summary: Summary, tookMs: number): string {
  const { seeds, counting, broken, totals, met, crashed, turns, simulatedMs, landed } = summary
  const sites = Object.keys(met).length
  const never = neverCrashed(summary)
  const number = (value: number): string => Math.round(value).toLocaleString('en')
  const each = Object.entries(totals).sort(([a], [b]) => (a < b ? -1 : 1))
  const lines = [
    `${number(seeds)} seeds in ${(tookMs / 1000).toFixed(1)} s (${((seeds / tookMs) * 1000).toFixed(1)} a second); ${number(counting)} count, ${number(seeds - counting)} met no disturbance`,
    `${number(landed)} records landed, ${number(turns)} turns, ${(simulatedMs / 3_600_000).toFixed(1)} simulated hours`,
    `awaits: ${sites} kinds met, ${sites - never.length} crashed at, ${number(Object.values(crashed).reduce((sum, count) => sum + count, 0))} times${never.length === 0 ? '' : `; never at: ${never.join('; ')}`}`,
    'a seed has on average:',
    ...each.map(([name, count]) => `  ${(count / seeds).toFixed(3).padStart(9)} ${name}`),
    ...shown(broken).map(brokenLine),
    broken.length === 0
      ? 'all hold'
      : `${broken.length} of ${seeds} seeds are broken; again alone: npm run sim -- --from ${broken[0]?.seed} --seeds 1`,
  ]
  return lines.join('\n')
}
