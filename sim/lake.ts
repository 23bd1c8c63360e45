import { openTable } from '#lake'
import { bronzeColumns, displacedColumns, ledgerColumns, quarantineColumns } from '#pipeline'
import type { Column, ObjectStore } from '#port'
import { noFailpoint } from '#port'
import { localStore, memoryStore } from '#storage'
import { roots, silver } from './dataset.ts'
import { forgetfulDisk } from './disk.ts'
import { roughDisk } from './rough-disk.ts'
import type { Process } from './scheduler.ts'
import { roughStore } from './store.ts'
import type { Witness } from './witness.ts'
import type { World } from './world.ts'

/** The lake of one seed: as it is, as a process sees it, and how it loses power. */
export interface SimulatedLake {
  /** Without turns and weather. */
  readonly plain: ObjectStore
  view(process: Process, role: string): ObjectStore
  /** Undefined: a bucket, which outlives the machines that write to it. */
  readonly cutPower: (() => void) | undefined
}

/** Objects of a bucket, whose answers may be lost and whose writes may come late. */
export function bucketLake(world: World, witness: Witness): SimulatedLake {
  const base = memoryStore()
  const clocked: ObjectStore = {
    ...base,
    // The bucket has the world's clock.
    async *list(prefix, after) {
      for await (const info of base.list(prefix, after)) yield { ...info, modifiedMs: written.get(info.path) ?? 0 }
    },
    async create(path, bytes) {
      const outcome = await base.create(path, bytes)
      if (outcome === 'created') {
        written.set(path, world.nowMs())
        witness.wrote(path, bytes)
      }
      return outcome
    },
    async replace(path, bytes) {
      written.set(path, world.nowMs())
      await base.replace(path, bytes)
    },
    async remove(path) {
      witness.removed(path)
      await base.remove(path)
    },
  }
  const written = new Map<string, number>()
  return {
    plain: clocked,
    view: (process, role) => roughStore(clocked, world, process, role, world.diceOf(`${process.name} ${role} store`)),
    cutPower: undefined,
  }
}

const folder = '/lake'

/** Files of a disk, by the store that a machine has; what was not synced is lost with its power. */
export function diskLake(world: World, witness: Witness): SimulatedLake {
  const disk = forgetfulDisk(world)
  const dice = world.diceOf('power')
  const watched = {
    ...disk,
    async link(from: string, to: string) {
      await disk.link(from, to)
      witness.wrote(to, await disk.read(to))
    },
    async rename(from: string, to: string) {
      await disk.rename(from, to)
      witness.wrote(to, await disk.read(to))
    },
    async remove(path: string) {
      witness.removed(path)
      await disk.remove(path)
    },
  }
  return {
    plain: localStore(folder, watched),
    view: (process, role) =>
      localStore(folder, roughDisk(watched, world, process, role, world.diceOf(`${process.name} ${role} disk`))),
    cutPower: () => disk.crash(dice),
  }
}

/** More than twice as long as a process sleeps and, in a bucket, a write is late, together. */
const retentions = { bucket: 'interval 28 seconds', disk: 'interval 24 seconds' }

/** Tables with retentions as short as a seed, so that logs are cleaned and files vacuumed within it. */
export async function makeBriefTables(world: World, { plain: store, cutPower }: SimulatedLake): Promise<void> {
  const retention = cutPower === undefined ? retentions.bucket : retentions.disk
  const dice = world.diceOf('tables')
  const columnsOf: Readonly<Record<keyof typeof roots, readonly Column[]>> = {
    ...{ bronze: bronzeColumns, silver, quarantine: quarantineColumns },
    ...{ displaced: displacedColumns, ledger: ledgerColumns },
  }
  for (const [name, root] of Object.entries(roots)) {
    const table = openTable(store, root, {
      ...{ nowMs: world.nowMs, newId: world.newId, sleep: async () => {}, random: dice.next, report: () => {} },
      ...{ failpoint: noFailpoint, engineInfo: 'sim' },
    })
    const configuration = {
      'delta.checkpointInterval': String(dice.whole(2, world.isOfMaintenance ? 3 : 6)),
      'delta.logRetentionDuration': retention,
      'delta.deletedFileRetentionDuration': retention,
    }
    await table.commit({
      ...{ operation: 'CREATE TABLE', blindAppend: true },
      stage: () => ({ columns: columnsOf[name as keyof typeof roots], configuration, add: [], remove: [], txns: [] }),
    })
  }
}
