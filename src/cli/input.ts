import type { Spec } from '#config'

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
