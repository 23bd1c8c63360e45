import type { DataFile } from '#lake'
import type { BuildResult } from '#port'
import { rootOf } from './build.ts'
import type { StageEffects } from './effects.ts'
import { writeSelect } from './exchange.ts'
import { publicationColumns, publicationFile, readPublication } from './history.ts'
import { all } from './in-turn.ts'
import type { Publication, PublicationLine } from './publication.ts'
import { inSessions } from './sessions.ts'

export interface PublishOptions {
  readonly runId: string
  readonly projectHash: string
  readonly sample: boolean
  readonly sources: Publication['silver']
  readonly line: PublicationLine
  /** The publication that the build started from. */
  readonly standing: Publication | undefined
}

export type PublishOutcome =
  | { readonly outcome: 'published'; readonly publication: Publication }
  /** Another run published meanwhile, from sources at least as new. */
  | { readonly outcome: 'overtaken'; readonly publication: Publication }

const tablesAtOnce = 3

/** Gold tables first, each a version of its own that nobody looks at yet; then the one commit that names them all. */
export async function publish(
  built: BuildResult,
  options: PublishOptions,
  effects: StageEffects,
): Promise<PublishOutcome> {
  // While the engine writes some, others go to the disk.
  const gold = await inSessions(effects.engine, tablesAtOnce, (use) =>
    all(
      built.tables
        .filter(({ schema }) => schema === 'gold')
        .map(({ name, relation, columns }) =>
          use(async (engine) => {
            const replaced = await replaceTable(name, relation, columns, options.line, { ...effects, engine })
            effects.failpoint(options.line.points.betweenGold)
            return { table: name, ...replaced }
          }),
        ),
    ),
  )
  const draft = {
    runId: options.runId,
    publishedAt: new Date(effects.nowMs()).toISOString(),
    projectHash: options.projectHash,
    gold,
    silver: options.sources,
    tests: built.tests,
    sample: options.sample,
  }
  // Silver's versions may be another process's, which died over them: a publication must not outlive what it names.
  await all(options.sources.map((source) => effects.table(rootOf(source.table)).sync()))
  effects.failpoint(options.line.points.beforePublication)
  const published = await commitPublication(draft, options, effects)
  effects.failpoint(options.line.points.afterPublication)
  return published
}

/** The whole of a Gold table as a new version. */
async function replaceTable(
  name: string,
  relation: string,
  columns: BuildResult['tables'][number]['columns'],
  { configuration }: PublicationLine,
  effects: StageEffects,
): Promise<{ version: number; rows: number }> {
  const table = effects.table(rootOf(`gold.${name}`))
  const quoted = relation
    .split('.')
    .map((part) => `"${part}"`)
    .join('.')
  const add: readonly DataFile[] = await writeSelect(table, `SELECT * FROM ${quoted}`, effects)
  const committed = await table.commit({
    operation: 'WRITE',
    parameters: { mode: 'Overwrite' },
    blindAppend: false,
    stage: (newest) => ({
      ...(newest === undefined ? { configuration } : {}),
      ...{ columns, add, remove: newest?.files ?? [], txns: [] },
    }),
  })
  const { rows } = await effects.engine.query(`SELECT count(*) FROM ${quoted}`)
  return { version: committed.version ?? 0, rows: Number(rows[0]?.[0]) }
}

async function commitPublication(
  draft: Omit<Publication, 'version'>,
  { standing, line }: Pick<PublishOptions, 'standing' | 'line'>,
  effects: StageEffects,
): Promise<PublishOutcome> {
  const table = effects.table(line.root)
  let overtaking: Publication | undefined
  const record = await table.writeFile(publicationFile(draft))
  const outcome = await table.commit({
    operation: 'WRITE',
    parameters: { mode: line.replaces ? 'Overwrite' : 'Append' },
    blindAppend: false,
    stage: async (newest) => {
      overtaking =
        newest === undefined || newest.version === standing?.version
          ? undefined
          : await readPublication(effects.store, table, newest)
      if (overtaking !== undefined && isAsNew(overtaking, draft)) return undefined
      const remove = line.replaces ? (newest?.files ?? []) : []
      const made = newest === undefined ? { configuration: line.configuration } : {}
      return { ...made, columns: publicationColumns, add: [record], remove, txns: [] }
    },
  })
  if (outcome.outcome === 'unneeded' && overtaking !== undefined)
    return { outcome: 'overtaken', publication: overtaking }
  return { outcome: 'published', publication: { ...draft, version: outcome.version ?? 0 } }
}

/** True where `other` rests on sources none of which is older than those of `draft`, by the same project. */
function isAsNew(other: Publication, draft: Omit<Publication, 'version'>): boolean {
  const versions = new Map(other.silver.map(({ table, version }) => [table, version]))
  return (
    other.projectHash === draft.projectHash &&
    draft.silver.every(({ table, version }) => (versions.get(table) ?? -1) >= version)
  )
}
