import type { TableMeasure, TableMeasures } from '#api'
import type { LakeReader, LakeStanding, Measures } from '#platform'
import { expositionType, medianCommitMs, metricsText, processFigures, rowsPerSecond } from '#platform'
import { Fault } from '#port'

export interface MetricsParts {
  /** What this process did. */
  readonly measures: () => Measures
  /** What the lake is. */
  readonly standing: LakeReader['standing']
}

/** For Prometheus. A lake that cannot be read is told by a metric, and what the process counted is told all the same. */
export async function metricsAnswer(parts: MetricsParts): Promise<Response> {
  const standing = await standingNow(parts)
  const text = metricsText({ measures: parts.measures(), standing, process: processFigures(), nowMs: Date.now() })
  return new Response(text, { headers: { 'content-type': expositionType, 'cache-control': 'no-store' } })
}

/** For the dashboard. */
export async function tableMeasures(parts: MetricsParts): Promise<TableMeasures> {
  return { tables: measuresByTable(parts.measures(), await standingNow(parts), Date.now()) }
}

function standingNow({ standing }: MetricsParts): Promise<LakeStanding | undefined> {
  return standing().catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error
    return undefined
  })
}

function measuresByTable(
  { tables, topics }: Measures,
  standing: LakeStanding | undefined,
  nowMs: number,
): readonly TableMeasure[] {
  const files = new Map(standing?.tables.map((each) => [each.table, each.files]))
  const lags = new Map(standing?.topics.map(({ table, partitions }) => [table, lagOf(partitions)]))
  const landed = new Map([...topics.values()].map((topic) => [topic.table, topic]))
  return [...new Set([...files.keys(), ...tables.keys()])].sort().map((table) => {
    const own = tables.get(table)
    const topic = landed.get(table)
    return {
      table,
      files: files.get(table) ?? null,
      lag: lags.get(table) ?? null,
      rowsPerSecond: own === undefined ? null : rowsPerSecond(own, nowMs),
      commitMs: (own && medianCommitMs(own)) ?? null,
      retries: own?.lostRaces ?? null,
      ageAtCommitMs: topic?.ageMs ?? null,
      fences: topic?.fences ?? null,
    }
  })
}

/** Undefined where the end of any partition is not known, or no partition is. */
function lagOf(partitions: LakeStanding['topics'][number]['partitions']): number | undefined {
  if (partitions.length === 0) return undefined
  const lags = partitions.map(({ landed, end }) => (end === null ? undefined : Math.max(0, end - landed)))
  return lags.reduce<number | undefined>(
    (sum, lag) => (sum === undefined || lag === undefined ? undefined : sum + lag),
    0,
  )
}
