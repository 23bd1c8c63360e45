import type { Options, Spec } from '#config'
import type { SeasonPlan } from '#platform'

/** Sample data of the size that the dashboard shows well within seconds; the city has about 1,800 schools. */
const defaultSample = { schools: 600, seed: 2019 }

export const fromFlag = { kind: 'folder', about: 'Land the files of this folder', optional: true } as const

export const sampleFlags = {
  schools: {
    kind: 'integer',
    about: `Schools in the sample (default: ${defaultSample.schools})`,
    optional: true,
    min: 1,
    max: 1_000_000,
  },
  seed: {
    kind: 'integer',
    about: `Seed of the sample; the same seed makes the same files (default: ${defaultSample.seed})`,
    optional: true,
    min: 0,
    max: 2 ** 31 - 1,
  },
} as const satisfies Spec

export function sampleOf(flags: { readonly schools: number | undefined; readonly seed: number | undefined }): {
  schools: number
  seed: number
} {
  return { schools: flags.schools ?? defaultSample.schools, seed: flags.seed ?? defaultSample.seed }
}

/** A season of five minutes, well followed on a laptop. */
export const seasonFlags = {
  rate: { kind: 'integer', about: 'Events a second', default: 50, min: 1, max: 1_000_000 },
  seconds: { kind: 'integer', about: 'Length of the season, in seconds', default: 300, min: 1, max: 31_536_000 },
  seed: {
    kind: 'integer',
    about: 'Seed; the same seed plays the same season',
    default: 2025,
    min: 0,
    max: 2 ** 31 - 1,
  },
  late: { kind: 'integer', about: 'Of a thousand records, how many come late', default: 20, min: 0, max: 1000 },
  repeated: {
    kind: 'integer',
    about: 'Of a thousand records, how many are sent again',
    default: 10,
    min: 0,
    max: 1000,
  },
  malformed: { kind: 'integer', about: 'Of a thousand records, how many are malformed', default: 5, min: 0, max: 1000 },
} as const satisfies Spec

export const seasonDefaults: SeasonPlan = {
  rate: seasonFlags.rate.default,
  seconds: seasonFlags.seconds.default,
  seed: seasonFlags.seed.default,
  shares: {
    late: seasonFlags.late.default / 1000,
    repeated: seasonFlags.repeated.default / 1000,
    malformed: seasonFlags.malformed.default / 1000,
  },
}

export function seasonOf(flags: Options<typeof seasonFlags>): SeasonPlan {
  const { rate, seconds, seed, late, repeated, malformed } = flags
  const share = (ofThousand: number) => ofThousand / 1000
  return { rate, seconds, seed, shares: { late: share(late), repeated: share(repeated), malformed: share(malformed) } }
}
