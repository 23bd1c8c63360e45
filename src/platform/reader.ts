import type { LivePartition, LiveState } from '#api'
import type { Publication, RunRecord } from '#pipeline'
import type { SqlEngine } from '#port'

/** One publication, opened for reading. What it answers never changes. */
export interface OpenPublication {
  readonly publication: Publication
  /** Read-only over `gold.*` at the published versions, and `silver.*` and `bronze.*` at the versions that publication rests on. */
  readonly engine: SqlEngine
  close(): Promise<void>
}

/** What the server needs of the lake. Any number of readers may watch one lake. */
export interface LakeReader {
  /** The newest publication; undefined where nothing was ever published. */
  newest(): Promise<Publication | undefined>
  open(publication: Publication): Promise<OpenPublication>
  /** The newest run that did something; undefined where there was none. A held or failed run newer than the publication means: what is shown is the last good one. */
  lastRun(): Promise<RunRecord | undefined>
  /** Calls back after a newer publication or run appears, until the signal ends it. */
  watch(onChange: () => void, signal: AbortSignal): Promise<void>
  readonly live: LiveReader
  /** What the lake is just now, as of up to a second ago. Faults: the lake's. */
  standing(): Promise<LakeStanding>
  /** Gives back what it holds open. */
  close(): Promise<void>
}

/** The half of the lake that follows a stream: published on its own, many times a minute. */
export interface LiveReader {
  /** What is published of the stream; undefined where nothing ever was. */
  state(): Promise<LiveState | undefined>
  /** Calls back once it watches, and after something of the state changed, until the signal ends it. */
  watch(onChange: () => void, signal: AbortSignal): Promise<void>
}

/** What the lake is at one moment, whoever made it so. A table or publication that is not there is left out. */
export interface LakeStanding {
  readonly tables: readonly {
    /** `bronze.survey_live` */
    readonly table: string
    readonly version: number
    readonly files: number
    readonly sizeBytes: number
  }[]
  readonly publications: readonly {
    readonly line: 'batch' | 'live'
    readonly version: number
    /** Milliseconds since 1970. */
    readonly publishedMs: number
  }[]
  readonly topics: readonly TopicStanding[]
}

export interface TopicStanding {
  readonly topic: string
  /** The table that it lands in, `bronze.survey_live`. */
  readonly table: string
  /** What the lake and the log say, without the log only what the lake says. */
  readonly partitions: readonly LivePartition[]
}
