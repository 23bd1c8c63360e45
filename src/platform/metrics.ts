import type { Family, Sample } from './exposition.ts'
import { expositionText } from './exposition.ts'
import type { Histogram } from './histogram.ts'
import { productVersion } from './lake.ts'
import type { Measures, TableMeasures } from './measures.ts'
import type { LakeStanding } from './reader.ts'

/** What the machine says of this process. */
export interface ProcessFigures {
  readonly residentBytes: number
  readonly cpuSeconds: number
  /** Milliseconds since 1970. */
  readonly startedMs: number
}

export interface MetricsParts {
  readonly measures: Measures
  /** Undefined where the lake could not be read. */
  readonly standing: LakeStanding | undefined
  readonly process: ProcessFigures
  readonly nowMs: number
}

export function processFigures(): ProcessFigures {
  const { user, system } = process.cpuUsage()
  return {
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    startedMs: performance.timeOrigin,
  }
}

/** All that is known, as Prometheus reads it. */
export function metricsText(parts: MetricsParts): string {
  const { measures, standing, process, nowMs } = parts
  return expositionText([
    ...tableFamilies(measures),
    ...topicFamilies(parts),
    ...publicationFamilies(measures, standing, nowMs),
    ...trouble(measures),
    ...standingFamilies(standing),
    ...processFamilies(process, nowMs),
  ])
}

function tableFamilies({ tables }: Measures): readonly Family[] {
  const each = (value: (table: TableMeasures) => number): readonly Sample<number>[] =>
    [...tables].map(([table, measured]) => ({ labels: { table }, value: value(measured) }))
  const commits = [...tables].flatMap(([table, measured]) =>
    [...measured.commits].map(([operation, value]) => ({ labels: { table, operation }, value })),
  )
  const durations = [...tables].flatMap(([table, { commits: made, commitSeconds: value }]) =>
    made.size === 0 ? [] : [{ labels: { table }, value }],
  )
  return [
    counter(
      'fairlead_rows_landed_total',
      'Rows that files and topics brought into Bronze.',
      each(({ rowsLanded }) => rowsLanded).filter(({ value }) => value > 0),
    ),
    counter('fairlead_commits_total', 'Commits made, by what Delta calls the operation.', commits),
    histogram('fairlead_commit_duration_seconds', 'From asking for a commit until it stood.', durations),
    counter(
      'fairlead_committed_rows_total',
      'Rows in data files that commits added; rewritten rows count again, compaction is left out.',
      each(({ rows }) => rows),
    ),
    counter(
      'fairlead_committed_bytes_total',
      'Bytes of data files that commits added.',
      each(({ sizeBytes }) => sizeBytes),
    ),
    counter(
      'fairlead_committed_files_total',
      'Data files that commits added.',
      each(({ files }) => files),
    ),
    counter(
      'fairlead_removed_files_total',
      'Data files that commits took out of the table.',
      each(({ removedFiles }) => removedFiles),
    ),
    counter(
      'fairlead_commit_retries_total',
      'Commits made again because another writer came first.',
      each(({ lostRaces }) => lostRaces),
    ),
  ]
}

/** How far each partition is: what the lake and the log say; where they cannot be asked, what landing said last. */
function topicFamilies({ measures: { topics, produced }, standing, nowMs }: MetricsParts): readonly Family[] {
  const told = new Map([...topics].map(([topic, { partitions }]) => [topic, partitions]))
  const lags: Sample<number>[] = []
  const nexts: Sample<number>[] = []
  const add = (topic: string, partition: number, next: number, lag: number | undefined) => {
    const labels = { topic, partition: String(partition) }
    nexts.push({ labels, value: next })
    if (lag !== undefined) lags.push({ labels, value: lag })
  }
  for (const { topic, partitions } of standing?.topics ?? []) {
    const last = new Map(told.get(topic)?.map(({ partition, lag }) => [partition, lag]))
    told.delete(topic)
    for (const { partition, landed, end } of partitions)
      add(topic, partition, landed, end === null ? last.get(partition) : Math.max(0, end - landed))
  }
  for (const [topic, partitions] of told)
    for (const { partition, next, lag } of partitions) add(topic, partition, next, lag)
  const known = [...topics].map(([topic, { table, ...measured }]) => ({ labels: { topic, table }, ...measured }))
  const aged = (value: (topic: (typeof known)[number]) => number | null): readonly Sample<number>[] =>
    known.flatMap((topic) => {
      const age = value(topic)
      return age === null ? [] : [{ labels: topic.labels, value: age }]
    })
  return [
    gauge('fairlead_lag_records', 'Records that the log holds and the lake has not landed.', lags),
    gauge('fairlead_next_offset', 'Next offset to land.', nexts),
    gauge(
      'fairlead_newest_record_timestamp_seconds',
      'Timestamp of the newest record that this process landed, seconds since 1970.',
      aged(({ newestMs }) => (newestMs === null ? null : newestMs / 1000)),
    ),
    gauge(
      'fairlead_newest_record_age_seconds',
      'Age of the newest record that this process landed.',
      aged(({ newestMs }) => (newestMs === null ? null : Math.max(0, nowMs - newestMs) / 1000)),
    ),
    gauge(
      'fairlead_newest_record_age_at_commit_seconds',
      'Age of the newest record of the last commit, when it was in.',
      aged(({ ageMs }) => (ageMs === null ? null : ageMs / 1000)),
    ),
    counter(
      'fairlead_fences_total',
      'Batches dropped, by partition, because another consumer landed them first.',
      known.map(({ labels, fences }) => ({ labels, value: fences })),
    ),
    counter(
      'fairlead_produced_records_total',
      'Records that this process sent.',
      [...produced].map(([topic, value]) => ({ labels: { topic }, value })),
    ),
  ]
}

function publicationFamilies(
  { lines, liveTests, liveBuildSeconds, livePublishSeconds }: Measures,
  standing: LakeStanding | undefined,
  nowMs: number,
): readonly Family[] {
  const names = ['batch', 'live'] as const
  const published = standing?.publications ?? []
  const each = (value: (publication: (typeof published)[number]) => number) =>
    published.map((publication) => ({ labels: { line: publication.line }, value: value(publication) }))
  const tests = Object.entries(liveTests ?? {}).map(([outcome, value]) => ({ labels: { outcome }, value }))
  const anyBuild = lines.live.published + lines.live.held > 0
  return [
    gauge(
      'fairlead_publication_version',
      'Version of the publication that stands.',
      each(({ version }) => version),
    ),
    gauge(
      'fairlead_publication_timestamp_seconds',
      'When it was published, seconds since 1970.',
      each(({ publishedMs }) => publishedMs / 1000),
    ),
    gauge(
      'fairlead_publication_age_seconds',
      'How long ago it was published.',
      each(({ publishedMs }) => Math.max(0, nowMs - publishedMs) / 1000),
    ),
    counter(
      'fairlead_publications_total',
      'Publications that this process made.',
      names.map((line) => ({ labels: { line }, value: lines[line].published })),
    ),
    counter(
      'fairlead_publications_held_total',
      'Builds that failed tests held back.',
      names.map((line) => ({ labels: { line }, value: lines[line].held })),
    ),
    gauge('fairlead_live_tests', 'Tests of the newest live build of this process, by how they ended.', tests),
    histogram(
      'fairlead_live_build_duration_seconds',
      'Live models and their tests.',
      anyBuild ? [{ labels: {}, value: liveBuildSeconds }] : [],
    ),
    histogram(
      'fairlead_live_publish_duration_seconds',
      'From a live build that passed until it was published.',
      anyBuild ? [{ labels: {}, value: livePublishSeconds }] : [],
    ),
  ]
}

function trouble({ retries, faults }: Measures): readonly Family[] {
  const byCode = (counts: ReadonlyMap<string, number>) =>
    [...counts].map(([code, value]) => ({ labels: { code }, value }))
  return [
    counter('fairlead_retries_total', 'Failures that were waited out and tried again, by code.', byCode(retries)),
    counter('fairlead_faults_total', 'Faults told, by code.', byCode(faults)),
  ]
}

function standingFamilies(standing: LakeStanding | undefined): readonly Family[] {
  const tables = standing?.tables ?? []
  return [
    gauge('fairlead_lake_up', '1 where the lake could be read just now, 0 where not.', [
      { labels: {}, value: standing === undefined ? 0 : 1 },
    ]),
    gauge(
      'fairlead_table_version',
      'Newest version of the table.',
      tables.map(({ table, version: value }) => ({ labels: { table }, value })),
    ),
    gauge(
      'fairlead_table_files',
      'Data files of that version.',
      tables.map(({ table, files: value }) => ({ labels: { table }, value })),
    ),
    gauge(
      'fairlead_table_bytes',
      'Bytes of these files.',
      tables.map(({ table, sizeBytes: value }) => ({ labels: { table }, value })),
    ),
  ]
}

function processFamilies({ residentBytes, cpuSeconds, startedMs }: ProcessFigures, nowMs: number): readonly Family[] {
  const only = (value: number, labels = {}) => [{ labels, value }]
  return [
    gauge('process_resident_memory_bytes', 'Resident memory size in bytes.', only(residentBytes)),
    counter('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', only(cpuSeconds)),
    gauge(
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      only(startedMs / 1000),
    ),
    gauge('fairlead_uptime_seconds', 'How long this process has run.', only(Math.max(0, nowMs - startedMs) / 1000)),
    gauge(
      'fairlead_build_info',
      'Always 1; the label says which Fairlead this is.',
      only(1, { version: productVersion() }),
    ),
  ]
}

function counter(name: string, help: string, samples: readonly Sample<number>[]): Family {
  return { name, help, type: 'counter', samples }
}

function gauge(name: string, help: string, samples: readonly Sample<number>[]): Family {
  return { name, help, type: 'gauge', samples }
}

function histogram(name: string, help: string, samples: readonly Sample<Histogram>[]): Family {
  return { name, help, type: 'histogram', samples }
}
