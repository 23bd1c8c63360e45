import type { WarehouseTable } from '#compile'
import { Fault } from '#port'
import { conformTables } from './conform.ts'
import type { WarehouseEffects, WarehouseOptions } from './effects.ts'
import type { Entry } from './ledger.ts'
import { enter, entries } from './ledger.ts'
import type { Staged, Wanted } from './stage.ts'
import { stageTables, wantedTables } from './stage.ts'
import { swapAll } from './swap.ts'

export interface TableLoad {
  readonly table: string
  /** `current`: this version stood already. `newer`: a later one did. */
  readonly outcome: 'loaded' | 'current' | 'newer'
  /** Delta version that stands now; -1 where the lake has no such table yet. */
  readonly version: number
  readonly rows: number
  /** Columns that the warehouse's table got. */
  readonly added: readonly string[]
}

export interface WarehouseLoad {
  readonly tables: readonly TableLoad[]
  readonly files: number
  readonly sizeBytes: number
}

/** Another load came first this often before it is called a fault. */
const mostAttempts = 3

/**
 * Brings tables of the lake into the warehouse, each at the version the lake has now, all in one transaction: a reader sees all of the old or all of the new.
 * What stands at its version is left alone. Dying anywhere leaves what stood, and the next call goes on from there.
 * Faults: `load/schema`, `load/rows`, `load/partitioned`, `load/uncounted`, `load/contended`, `machine/stopped`, and those of the engine and of the lake.
 */
export async function loadWarehouse(
  tables: readonly WarehouseTable[],
  options: WarehouseOptions,
  effects: WarehouseEffects,
): Promise<WarehouseLoad> {
  const added = await conformTables(tables, options, effects)
  await enter(tables, options, effects)
  for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
    const standing = await entries(options, effects)
    const wanted = await wantedTables(tables, effects)
    const stale = wanted.filter((table) => options.full || outcomeOf(table, standing) === 'loaded')
    const staged = await stageTables(stale, options, effects)
    if (await swapAll(staged, standing, options, effects)) return summary(wanted, staged, { standing, added })
  }
  throw new Fault('load/contended', `Other loads into ${options.database} came first, ${mostAttempts} times.`, {
    mend: 'Let one process load at a time.',
    retry: true,
    facts: { database: options.database },
  })
}

function outcomeOf({ name, id, version }: Wanted, standing: ReadonlyMap<string, Entry>): TableLoad['outcome'] {
  const entry = standing.get(name)
  if (entry === undefined || entry.deltaId !== id || entry.version < version) return 'loaded'
  return entry.version === version ? 'current' : 'newer'
}

function summary(
  wanted: readonly Wanted[],
  staged: readonly Staged[],
  { standing, added }: { standing: ReadonlyMap<string, Entry>; added: ReadonlyMap<string, readonly string[]> },
): WarehouseLoad {
  const loaded = new Map(staged.map((table) => [table.name, table]))
  return {
    tables: wanted.map((table) => {
      const now = loaded.get(table.name)
      const entry = standing.get(table.name)
      return {
        table: table.name,
        outcome: now === undefined ? outcomeOf(table, standing) : 'loaded',
        version: now?.version ?? entry?.version ?? -1,
        rows: now?.rows ?? entry?.rows ?? 0,
        added: added.get(table.name) ?? [],
      }
    }),
    files: staged.reduce((sum, { files }) => sum + files, 0),
    sizeBytes: staged.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  }
}
