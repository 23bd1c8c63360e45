/** Places where a process may be told to die, so that a test can prove that dying there loses nothing. In the order in which a run meets them. */
export const failpoints = [
  'land/bytes-kept',
  'land/file-recorded',
  'land/before-commit',
  'land/after-commit',
  'clean/before-quarantine',
  'clean/after-quarantine',
  'clean/after-displaced',
  'clean/after-measure',
  'clean/before-silver',
  'clean/after-silver',
  'place/before-commit',
  'place/after-commit',
  'build/after-build',
  'publish/before-gold',
  'publish/between-gold',
  'publish/before-publication',
  'publish/after-publication',
  'lake/data-written',
  'lake/commit-created',
  'lake/checkpoint-written',
] as const

/** The same for what follows a topic; it meets those of cleaning and of the lake too. */
export const streamFailpoints = [
  'produce/before-append',
  'produce/after-append',
  'stream/before-commit',
  'stream/after-commit',
  'live/after-build',
  'live/between-gold',
  'live/before-publication',
  'live/after-publication',
  'maintain/checkpoint-written',
  'maintain/compacted',
  'maintain/log-cleaned',
  'maintain/log-compacted',
  'maintain/vacuumed',
] as const

/** The same for a replay of quarantined records; it meets those of cleaning and of the lake too. */
export const replayFailpoints = [
  'replay/before-land',
  'replay/after-land',
  'replay/before-mark',
  'replay/after-mark',
] as const

export type FailpointName =
  | (typeof failpoints)[number]
  | (typeof streamFailpoints)[number]
  | (typeof replayFailpoints)[number]

/** Called at each named place; in production it does nothing. */
export type Failpoint = (name: FailpointName) => void

export const noFailpoint: Failpoint = () => {}
