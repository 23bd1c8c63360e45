import type { Options, Spec } from './spec.ts'

/** What `fairlead.yaml` may say. Memory and time are bounded by default, so that one query cannot take the machine down. */
export const fairleadSpec = {
  lake: { kind: 'folder', about: 'Folder of the lake', default: './.fairlead' },
  port: {
    kind: 'integer',
    about: 'Port of the dashboard on 127.0.0.1; 0 takes any free one',
    default: 4000,
    min: 0,
    max: 65_535,
  },
  datasets: {
    kind: 'folders',
    about: 'Folders with dataset files of your own, besides the built-in ones',
    default: [],
  },
  models: {
    kind: 'folders',
    about: 'Folders with dbt models of your own, built and tested with the built-in ones',
    default: [],
  },
  engine: {
    memoryMb: {
      kind: 'integer',
      about: 'Memory that a run may use for SQL, in megabytes; beyond it, it spills to disk',
      default: 2048,
      min: 128,
      max: 4_194_304,
    },
  },
  query: {
    memoryMb: { kind: 'integer', about: 'Memory for one query, in megabytes', default: 1024, min: 64, max: 4_194_304 },
    timeoutMs: {
      kind: 'integer',
      about: 'Longest time for one query, in milliseconds',
      default: 30_000,
      min: 1,
      max: 86_400_000,
    },
    maxRows: {
      kind: 'integer',
      about: 'Most rows that one query answers',
      default: 1_000_000,
      min: 1,
      max: 100_000_000,
    },
  },
} as const satisfies Spec

export type FairleadOptions = Options<typeof fairleadSpec>
