/** Who answers. */
export type LiveRespondent = 'student' | 'teacher' | 'parent'

export interface LivePartition {
  readonly partition: number
  /** Next offset that the lake will land. */
  readonly landed: number
  /** Next offset that the log will give; null where the log cannot be asked from here. */
  readonly end: number | null
}

/** Events of one interval of event time: what schools said of themselves in it, added up. */
export interface LivePoint {
  /** Start of the interval, ISO 8601 in UTC. */
  readonly at: string
  readonly borough: string
  readonly respondent: LiveRespondent
  readonly events: number
  /** Sum over the events; a school that reported twice counts twice. */
  readonly invited: number
  readonly responded: number
}

/** Where one group of schools stands: of each school its newest report. */
export interface LiveRate {
  readonly borough: string
  readonly respondent: LiveRespondent
  readonly schools: number
  readonly invited: number
  readonly responded: number
  /**
   * Last published year's rate of the same schools, each weighted by how many this season invited; null where none of them has one. `finalSchools` have one.
   */
  readonly final: number | null
  readonly finalSchools: number
}

export interface LiveEventRow {
  readonly eventId: string
  readonly partition: number
  readonly offset: number
  readonly dbn: string
  readonly respondent: LiveRespondent
  readonly invited: number
  readonly responded: number
  /** ISO 8601 in UTC, milliseconds. */
  readonly eventAt: string
}

export interface LiveRule {
  readonly rule: string
  readonly quarantined: number
  /** The newest few. */
  readonly examples: readonly {
    readonly partition: number
    readonly offset: number
    readonly received: string | null
    readonly message: string | null
  }[]
}

/** All that the live panel shows, at one moment. */
export interface LiveState {
  readonly dataset: string
  readonly title: string
  readonly topic: string
  /** True: nothing here is a real answer. */
  readonly simulated: boolean
  readonly schoolYear: number | null
  /** The year that `final` is of; null where none is published. */
  readonly finalYear: number | null
  /** Version of the live publication. */
  readonly version: number
  readonly publishedAt: string
  /** Newest event that is counted, ISO 8601 in UTC. */
  readonly lastEventAt: string | null
  /** Events made in the ten seconds before the newest one, by event time, per second. */
  readonly perSecond: number
  /** `landed = silver + quarantined + duplicates + superseded`. */
  readonly counts: {
    readonly landed: number
    readonly silver: number
    readonly quarantined: number
    readonly duplicates: number
    readonly superseded: number
  }
  readonly partitions: readonly LivePartition[]
  /** Why the log could not be asked; where its ends are known all the same, they are what it said last. Null where it answers. */
  readonly logFault: string | null
  /** Width of an interval of the curve, seconds. */
  readonly intervalSeconds: number
  readonly curve: readonly LivePoint[]
  readonly rates: readonly LiveRate[]
  /** Events that this publication added, newest first: the newest twenty, and of the others each whose offset is a multiple of fifty. */
  readonly newest: readonly LiveEventRow[]
  readonly rules: readonly LiveRule[]
  readonly tests: { readonly passed: number; readonly failed: number; readonly warned: number }
  /** Why nothing newer is shown: tests that failed, or a fault; null where all is well. */
  readonly held: string | null
}

/**
 * `data:` of the event `live`: what a browser that shows version `base` needs to show `version`. Every part but the curve as it stands, and of the curve the points that are new or other. `newest` is of all publications since `base`, the newest 150.
 * `base` null: the curve is whole, and what was shown before, if anything, was of another stream. A browser that shows neither `base` nor `version` asks for the whole.
 * Where the stream is gone, `null` is sent in its place.
 */
export interface LiveChange extends LiveState {
  readonly base: number | null
}
