import type { Contract } from '#contract'
import { liveLine, liveRunRoot, newestPublication, rootOf, runLine } from '#pipeline'
import type { Lake } from './lake.ts'
import type { LogGlance } from './log-glance.ts'
import { tableName } from './measures.ts'
import { topicStanding } from './partitions.ts'
import { lakeTables } from './project.ts'
import type { LakeStanding, TopicStanding } from './reader.ts'

/** Who asks again within this time is told the same. */
const keptMs = 1000

const lines = { batch: runLine, live: liveLine } as const

/** Looks at a lake for as many as ask: one look at a time, and never more than one a second. Faults: the lake's. */
export function standingOf(
  contracts: readonly Contract[],
  effects: {
    readonly lake: () => Promise<Lake | undefined>
    readonly log: LogGlance
    readonly nowMs: () => number
  },
): () => Promise<LakeStanding> {
  const roots = [
    ...lakeTables(contracts).map(({ name }) => rootOf(name)),
    ...Object.values(lines).map(({ root }) => root),
    ...['run', liveRunRoot],
  ]
  let kept: { readonly atMs: number; readonly standing: Promise<LakeStanding> } | undefined

  async function look(): Promise<LakeStanding> {
    const lake = await effects.lake()
    if (lake === undefined) return { tables: [], publications: [], topics: [] }
    const [tables, publications, topics] = await Promise.all([
      Promise.all(roots.map((root) => tableStanding(lake, root))),
      Promise.all((['batch', 'live'] as const).map((line) => publicationStanding(lake, line))),
      Promise.all(contracts.map((contract) => topicStanding(lake, effects.log, contract))),
    ])
    return {
      tables: tables.filter((each) => each !== undefined),
      publications: publications.filter((each) => each !== undefined),
      topics: topics.flatMap((each) =>
        each === undefined ? [] : [effects.log.fault() === undefined ? each : endless(each)],
      ),
    }
  }

  return () => {
    const nowMs = effects.nowMs()
    if (kept !== undefined && Math.abs(nowMs - kept.atMs) < keptMs) return kept.standing
    const standing = look()
    const asked = { atMs: nowMs, standing }
    kept = asked
    standing.then(
      () => {},
      () => {
        // What failed is asked for again at once.
        if (kept === asked) kept = undefined
      },
    )
    return standing
  }
}

/** Without the ends that the log told once: a lag that may be old is no measure. */
function endless({ partitions, ...names }: TopicStanding): TopicStanding {
  return { ...names, partitions: partitions.map((each) => ({ ...each, end: null })) }
}

async function tableStanding(lake: Lake, root: string): Promise<LakeStanding['tables'][number] | undefined> {
  const snapshot = await lake.table(root).snapshot()
  if (snapshot === undefined) return undefined
  const { version, files } = snapshot
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0)
  return { table: tableName(root), version, files: files.length, sizeBytes }
}

async function publicationStanding(
  lake: Lake,
  line: keyof typeof lines,
): Promise<LakeStanding['publications'][number] | undefined> {
  const publication = await newestPublication(lines[line], lake)
  if (publication === undefined) return undefined
  return { line, version: publication.version, publishedMs: Date.parse(publication.publishedAt) }
}
