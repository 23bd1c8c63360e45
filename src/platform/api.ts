import type { Contract } from '#contract'
import type { Allowance, QuarantinePage, RunRecord, WarehouseLoad } from '#pipeline'
import type { Column, Report, Row } from '#port'
import type { GoldDiff } from './diff-api.ts'
import type { LineageAnswer, LineageAsk } from './lineage-api.ts'
import type {
  CompactRequest,
  ReadTableRequest,
  TableCheck,
  TableCompaction,
  TableReport,
  TableVacuum,
  VacuumRequest,
} from './maintain-api.ts'
import type { QuarantineAsk, QuarantineList, QuarantineReplay } from './quarantine-api.ts'
import type { LakeReader } from './reader.ts'

/** Where a lake is and how much a machine may spend on it. Folders are absolute. */
export interface LakeOptions {
  readonly lake: string
  /** Folders with dataset files of one's own, besides the built-in ones. */
  readonly datasets: readonly string[]
  /** Folders with dbt models of one's own, besides the built-in project's. */
  readonly models: readonly string[]
  readonly engine: { readonly memoryMb: number }
}

export interface RunOptions extends ReaderOptions {
  /** Folder of files to land. Absent: only what is in the lake already. */
  readonly from?: string
  /**
   * Generated and landed where the lake holds nothing yet; a lake that holds something stays as it is.
   * Never together with `from`. A lake never holds both: real files replace a lake of sample files, which can be made again from
   * its seed; sample files in a lake of real ones fault with `land/sample-and-real`.
   */
  readonly sample?: SampleOptions
  /** Everything after Bronze is made anew. */
  readonly full: boolean
  /** What builds Gold; the embedded runner by default. */
  readonly builder?: 'embedded' | 'dbt'
  /** dbt's program, absolute; looked for where it is not given. */
  readonly dbt?: string | undefined
}

export interface SampleOptions {
  readonly schools: number
  readonly seed: number
}

/** How a stream is followed. */
export interface StreamOptions extends LakeOptions {
  readonly topics: TopicOptions
  readonly kafka?: KafkaSettings | undefined
  readonly stream: {
    /** Least time between two live publications. */
    readonly cadenceMs: number
    /** Longest that a record read waits for its commit. */
    readonly flushMs: number
    /** Between two rounds of maintenance. */
    readonly maintainEveryMs: number
    /** Most bytes that one commit brings. */
    readonly flushMb: number
    /** Resident memory above which what was read is committed at once. */
    readonly memoryMb: number
  }
}

/** Brokers, and how to sign in there; without brokers, topics stand in the embedded log. Paths are absolute. */
export interface KafkaSettings {
  readonly brokers: readonly string[]
  readonly replication: number
  readonly sessionMs: number
  readonly tls: boolean
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly keyPassword?: string | undefined
  readonly mechanism?: string | undefined
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  readonly tokenFile?: string | undefined
}

/** The warehouse, and how to sign in there. Secrets come from the environment alone. */
export interface SnowflakeSettings {
  readonly account?: string | undefined
  readonly url?: string | undefined
  readonly user?: string | undefined
  readonly database: string
  readonly warehouse: string
  readonly role: string
  readonly readerRole: string
  readonly stage?: string | undefined
  readonly privateKey?: string | undefined
  readonly keyPassword?: string | undefined
  readonly token?: string | undefined
  readonly password?: string | undefined
}

export interface LoadOptions extends LakeOptions {
  readonly snowflake: SnowflakeSettings
  /** Loads every table, whatever stands in the warehouse. */
  readonly full: boolean
}

/** Printed as it is by `load --json`. */
export interface LoadResult extends WarehouseLoad {
  readonly database: string
  readonly tookMs: number
}

export interface SetupRequest extends LakeOptions {
  readonly snowflake: SnowflakeSettings
  /** People with a schema of their own for models under work. */
  readonly developers: readonly string[]
}

/** The embedded log. */
export interface TopicOptions {
  /** Its folder, absolute; beside the lake where it is not said. */
  readonly log?: string | undefined
  readonly keepHours: number
  readonly maxMb: number
}

/** A simulated survey season. */
export interface SeasonPlan {
  /** Events a second. */
  readonly rate: number
  readonly seconds: number
  readonly seed: number
  /** Fractions of the records. */
  readonly shares: { readonly late: number; readonly repeated: number; readonly malformed: number }
}

export interface SeasonOptions extends StreamOptions {
  readonly season: SeasonPlan
}

export interface ReplayOptions extends StreamOptions {
  readonly dataset: string
}

/** Printed as it is by `stream season --json` and `stream replay --json`. */
export interface ProduceResult {
  readonly topic: string
  readonly topicId: string
  /** Records sent by this call. */
  readonly sent: number
  /** Records that this producer has sent in all. */
  readonly total: number
  /** True where nothing is left to send. */
  readonly complete: boolean
  readonly tookMs: number
}

/** What a reader has to know: the lake, and the log that feeds it. */
export type ReaderOptions = LakeOptions & Pick<StreamOptions, 'topics' | 'kafka'>

export interface ConsumeOptions extends StreamOptions {
  /** Land, clean and publish what the logs hold now, and end. Otherwise follow them until the signal. */
  readonly once: boolean
  /** Losses that a person allows by name. */
  readonly allow: readonly Allowance[]
}

/** Printed as it is by `stream consume --json`. */
export interface ConsumeResult {
  /** By dataset: `added` by this call, the rest totals over the lake. */
  readonly datasets: Readonly<Record<string, Counts & { readonly topic: string; readonly added: number }>>
  /** Version of the live publication that stands; null where there is none. */
  readonly published: number | null
  /** True where tests held the newest rows back. */
  readonly held: boolean
  readonly tookMs: number
}

/** What work does to the world outside the lake. Aborting the signal ends it between two commits with a fault `machine/stopped`. */
export interface WorkEffects {
  readonly report: Report
  readonly signal: AbortSignal
}

/** Totals over the lake: `landed = silver + quarantined + duplicates + superseded`. */
export interface Counts {
  readonly landed: number
  readonly silver: number
  readonly quarantined: number
  readonly duplicates: number
  readonly superseded: number
}

/** Printed as it is by `run --json`. */
export interface RunResult {
  readonly datasets: Readonly<Record<string, DatasetCounts>>
  /** Files that no contract takes, relative to `from`. */
  readonly unmatched: readonly string[]
  readonly gold: Readonly<Record<string, { readonly rows: number }>>
  readonly tests: { readonly passed: number; readonly failed: number; readonly warned: number }
  /** The publication that stands for what the lake holds, made by this run or an earlier one; null where failed tests held it back or nothing is there to publish. */
  readonly published: number | null
  readonly outcome: RunRecord['outcome']
  /** Models and tests that failed; empty unless `outcome` is `held`. */
  readonly failed: RunRecord['failed']
  /** Files that could not be read this time; nothing of them is landed, and the next run tries again. */
  readonly faults: readonly {
    readonly file: string
    readonly code: string
    readonly what: string
    readonly mend: string
  }[]
  readonly tookMs: number
}

export interface DatasetCounts extends Counts {
  /** By file name. */
  readonly sources: Readonly<Record<string, Counts & { readonly added: number }>>
}

/** One thing a run would do, in order. Empty plan: nothing is stale. */
export interface PlannedStep {
  /** `land`, `clean`, `place`, `build`, `publish`. */
  readonly stage: string
  /** What it works on: a file, a table, a model. */
  readonly what: string
  readonly why: string
}

export interface QueryOptions extends LakeOptions {
  readonly sql: string
  readonly limits: { readonly memoryMb: number; readonly timeoutMs: number; readonly maxRows: number }
}

/** At most `limits.maxRows` rows; `truncated` where there were more. */
export interface QueryAnswer {
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  readonly truncated: boolean
}

export interface DiffOptions extends LakeOptions {
  /** A publication's version, or another lake, whose newest is taken. Absent: the publication before the newest. */
  readonly against?: string | undefined
  /** How many of the biggest movers of a column are named. */
  readonly movers: number
}

/** Printed as it is by `status --json`. Instants are ISO 8601 in UTC. */
export interface LakeStatus {
  /** False: nothing was ever landed here; all the rest is empty then. */
  readonly exists: boolean
  /** True where any source is generated sample data. */
  readonly sample: boolean
  readonly publication: {
    readonly version: number
    readonly publishedAt: string
    readonly tables: readonly { readonly table: string; readonly rows: number }[]
    readonly tests: { readonly passed: number; readonly failed: number; readonly warned: number }
  } | null
  /** True where Silver has moved on since that publication. */
  readonly stale: boolean
  readonly lastRun: RunRecord | null
  readonly datasets: Readonly<
    Record<
      string,
      Counts & {
        readonly files: number
        /** Newest landing. */
        readonly landedAt: string | null
        /** The conservation law. */
        readonly conserved: boolean
      }
    >
  >
}

export interface QuarantineOptions extends LakeOptions {
  readonly filter: QuarantineAsk
}

export interface QuarantineShowOptions extends QuarantineOptions {
  /** Records at most, and the id of the one to go on after. */
  readonly page: { readonly limit: number; readonly after?: string | undefined }
}

export interface QuarantineReplayOptions extends LakeOptions {
  /** Which records are judged again as they are, or the file of mended ones, absolute. */
  readonly what: { readonly filter: QuarantineAsk } | { readonly from: string }
  /** Judge, and change nothing. */
  readonly dryRun: boolean
}

/** One thing that must be so for Fairlead to work, and what to do where it is not. */
export interface Check {
  readonly name: string
  readonly ok: boolean
  /** What was found. */
  readonly what: string
  /** Null where `ok`. */
  readonly mend: string | null
}

export interface DoctorOptions extends LakeOptions {
  readonly dbt?: string | undefined
  /** What to install first: `dbt`. */
  readonly fix?: string | undefined
  readonly snowflake?: SnowflakeSettings | undefined
  readonly kafka?: KafkaSettings | undefined
  readonly port: number
}

/** Writes the sample's files into a folder, which is made if it is not there; refuses (`land/not-empty`) one that has files already. */
export type WriteSampleFolder = (
  folder: string,
  sample: SampleOptions,
  effects: WorkEffects,
) => Promise<{
  readonly files: readonly { readonly name: string; readonly sizeBytes: number; readonly rows: number }[]
}>

/** What a person can ask for, whichever way they ask: the command line calls these, and so may the server. */
export interface Platform {
  runOnce(options: RunOptions, effects: WorkEffects): Promise<RunResult>
  planRun(options: RunOptions, effects: WorkEffects): Promise<readonly PlannedStep[]>
  queryLake(options: QueryOptions, effects: WorkEffects): Promise<QueryAnswer>
  /** What differs in Gold between two publications. */
  diffGold(options: DiffOptions, effects: WorkEffects): Promise<GoldDiff>
  /** Where columns come from and what they have a say in, from the code alone. */
  askLineage(ask: LineageAsk, effects: WorkEffects): Promise<LineageAnswer>
  lakeStatus(options: LakeOptions): Promise<LakeStatus>
  doctor(options: DoctorOptions): Promise<readonly Check[]>
  /** For a server, or anyone who looks at what is published. A lake that is not there yet is one where nothing was published. */
  openReader(options: ReaderOptions): Promise<LakeReader>
  /** Every dataset that is declared, built-in ones first. */
  listDatasets(options: LakeOptions): Promise<readonly Contract[]>
  writeSampleFolder: WriteSampleFolder
  /** Plays a survey season into its topic, in real time, until its end or the signal. Started again, it goes on where it stood. */
  playSeason(options: SeasonOptions, effects: WorkEffects): Promise<ProduceResult>
  /** Sends the records of a landed dataset as messages. Started again, it goes on where it stood. */
  replayDataset(options: ReplayOptions, effects: WorkEffects): Promise<ProduceResult>
  /** Lands topics, cleans them, and publishes the live half of Gold. */
  consume(options: ConsumeOptions, effects: WorkEffects): Promise<ConsumeResult>
  /** Brings Silver into the warehouse, each table at the version the lake has, all in one transaction. */
  loadLake(options: LoadOptions, effects: WorkEffects): Promise<LoadResult>
  /** The statements that make the warehouse's objects, roles and grants, for an administrator. Connects to nothing. */
  warehouseSetup(request: SetupRequest): Promise<string>
  /** What is in quarantine, by source and rule. */
  listQuarantine(options: QuarantineOptions, effects: WorkEffects): Promise<QuarantineList>
  /** The rejected records themselves, a page at a time. */
  showQuarantine(options: QuarantineShowOptions, effects: WorkEffects): Promise<QuarantinePage>
  /** Has rejected records judged again, as they are or mended. */
  replayQuarantine(options: QuarantineReplayOptions, effects: WorkEffects): Promise<QuarantineReplay>
  /** What stands in the log of any Delta table, by its folder. Faults of all six: `lake/no-table`, `lake/unsupported`, `lake/damaged`. */
  inspectTable(folder: string, effects: WorkEffects): Promise<TableReport>
  /** Everything that is wrong with it. */
  checkTable(folder: string, effects: WorkEffects): Promise<TableCheck>
  checkpointTable(
    folder: string,
    effects: WorkEffects,
  ): Promise<{ readonly version: number; readonly written: boolean }>
  compactTable(request: CompactRequest, effects: WorkEffects): Promise<TableCompaction>
  vacuumTable(request: VacuumRequest, effects: WorkEffects): Promise<TableVacuum>
  readTable(request: ReadTableRequest, effects: WorkEffects): Promise<QueryAnswer>
}
