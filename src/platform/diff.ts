import { existsSync } from 'node:fs'
import { isAddress } from '#config'
import type { Snapshot } from '#lake'
import type { Publication, Scratch } from '#pipeline'
import { attachSnapshot, newestPublication, readPublication, rootOf, runLine } from '#pipeline'
import type { SqlEngine } from '#port'
import { Fault, noFailpoint } from '#port'
import type { DiffOptions, WorkEffects } from './api.ts'
import type { DiffSide, GoldDiff, TableDiff } from './diff-api.ts'
import { diffTable } from './diff-table.ts'
import { grainsOf } from './grain.ts'
import type { Lake } from './lake.ts'
import { requiredLake } from './lake.ts'
import { makeScratch } from './scratch.ts'
import { inWorkshop } from './workshop.ts'

/** A publication, and the lake that it stands in. */
interface Side {
  readonly folder: string
  readonly lake: Lake
  readonly publication: Publication
}

/**
 * What differs between two publications of Gold, row by row, column by column.
 * Faults: `publish/none`, `publish/gone`, `lake/none`, `lake/no-version`, `usage/bad-value`.
 */
export async function diffGold(options: DiffOptions, effects: WorkEffects): Promise<GoldDiff> {
  const { report, signal } = effects
  const lake = await requiredLake(options.lake, { report, failpoint: noFailpoint })
  const publication = await newestPublication(runLine, lake)
  if (publication === undefined) throw nothingPublished(options.lake)
  const after: Side = { folder: options.lake, lake, publication }
  const before = await sideAgainst(options, after, effects)
  const grains = await grainsOf(lake.store)
  const scratch = await makeScratch(before.lake.store)
  try {
    return await inWorkshop(lake, options, { report, signal, failpoint: noFailpoint }, async ({ engine, ...own }) => {
      const old = await attachSide('before', before, { engine, scratch })
      const now = await attachSide('after', after, { engine, scratch: own.scratch })
      const tables: TableDiff[] = []
      for (const table of [...new Set([...old.keys(), ...now.keys()])].sort()) {
        const [was, is] = [old.get(table), now.get(table)]
        const compared =
          was === undefined || is === undefined
            ? onOneSide(table, was === undefined ? after : before, was === undefined ? 'added' : 'removed')
            : await diffTable(
                {
                  ...{ table, grain: grains.get(table) ?? null, movers: options.movers },
                  ...{ before: was.columns, after: is.columns },
                },
                engine,
              )
        tables.push(compared)
      }
      return { before: described(before), after: described(after), tables }
    })
  } finally {
    await scratch.dispose()
  }
}

async function sideAgainst({ against }: DiffOptions, after: Side, { report }: WorkEffects): Promise<Side> {
  if (against === undefined) return { ...after, publication: await publicationBefore(after) }
  if (/^\d+$/.test(against)) {
    const publication = await publicationAt(after.lake, Number(against))
    if (publication !== undefined) return { ...after, publication }
    throw new Fault('publish/none', `Version ${against} of the publications is none.`, {
      mend: 'fairlead status names the newest; each publication before it has the number of its own.',
      facts: { version: Number(against) },
    })
  }
  if (!isAddress(against) && !existsSync(against)) {
    throw new Fault('usage/bad-value', `--against ${against} is neither a publication’s version nor a lake.`, {
      mend: 'Give a number, as fairlead status shows it, or the folder or bucket of another lake.',
      facts: { flag: 'against' },
    })
  }
  const lake = await requiredLake(against, { report, failpoint: noFailpoint })
  const publication = await newestPublication(runLine, lake)
  if (publication === undefined) throw nothingPublished(against)
  return { folder: against, lake, publication }
}

async function publicationAt({ store, table }: Lake, version: number): Promise<Publication | undefined> {
  const history = table(runLine.root)
  return readPublication(store, history, await history.snapshotAt(version))
}

/** A version of the table that publishes nothing (it was compacted, say) is passed over. */
async function publicationBefore({ lake, publication }: Side): Promise<Publication> {
  for (let version = publication.version - 1; version >= 0; version -= 1) {
    const found = await publicationAt(lake, version)
    if (found !== undefined) return found
  }
  throw new Fault('publish/none', 'There is one publication, and none before it to compare with.', {
    mend: 'Name another lake with --against, or publish again first.',
  })
}

/** The tables of a side, each readable as `<schema>.<table>`. */
async function attachSide(
  schema: 'before' | 'after',
  { lake, publication }: Side,
  effects: { readonly engine: SqlEngine; readonly scratch: Scratch },
): Promise<ReadonlyMap<string, Snapshot>> {
  const tables = new Map<string, Snapshot>()
  for (const { table: name, version } of publication.gold) {
    const table = lake.table(rootOf(`gold.${name}`))
    const snapshot = await table.snapshotAt(version)
    for (const { path } of snapshot.files) {
      if ((await lake.store.readRange(`${table.root}/${path}`, 0, 4)) === undefined) throw gone(publication, name)
    }
    await attachSnapshot(`${schema}.${name}`, table, snapshot, snapshot.columns, effects)
    tables.set(name, snapshot)
  }
  return tables
}

function gone({ version }: Publication, table: string): Fault {
  return new Fault('publish/gone', `Files of gold.${table} as of publication ${version} were cleaned up.`, {
    mend: 'Compare with a newer publication, or with a copy of the lake from then.',
    facts: { table, version },
  })
}

function nothingPublished(lake: string): Fault {
  return new Fault('publish/none', `Nothing was ever published in ${lake}.`, {
    mend: 'fairlead run publishes; a build whose tests fail is held.',
    facts: { lake },
  })
}

function onOneSide(table: string, { publication }: Side, status: 'added' | 'removed'): TableDiff {
  const rows = publication.gold.find(({ table: name }) => name === table)?.rows ?? 0
  return {
    ...{ table, status, grain: null },
    rows: status === 'added' ? { before: null, after: rows } : { before: rows, after: null },
    added: status === 'added' ? rows : 0,
    removed: status === 'removed' ? rows : 0,
    ...{ changed: 0, columns: { added: [], removed: [], retyped: [] }, changes: [] },
  }
}

function described({ folder, publication: { version, publishedAt, sample } }: Side): DiffSide {
  return { lake: folder, version, publishedAt, sample }
}
