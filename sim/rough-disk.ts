import type { Disk } from '../src/storage/disk.ts'
import type { Dice } from './dice.ts'
import type { Process } from './scheduler.ts'
import { siteNames } from './site.ts'
import { kindOf } from './store.ts'
import type { World } from './world.ts'

/** A disk as one task of a process sees it: each call takes a turn before and after, and now and then the system is busy. */
export function roughDisk(disk: Disk, world: World, process: Process, role: string, dice: Dice): Disk {
  const siteOf = siteNames(`${role}: disk`)
  async function call<T>(deed: string, path: string, work: () => Promise<T>): Promise<T> {
    const site = siteOf(deed, path.includes('/_tmp') ? 'temporary' : kindOf(path))
    await world.turn(process, site.before)
    if (world.isRough && dice.chance(world.weather.refused / 4)) {
      world.tally.add('weather')
      throw Object.assign(new Error(`EBUSY: ${path}`), { code: 'EBUSY' })
    }
    const answer = await work()
    await world.turn(process, site.after)
    return answer
  }
  return {
    async create(path) {
      const file = await call('open', path, () => disk.create(path))
      return {
        write: (bytes) => call('write', path, () => file.write(bytes)),
        sync: () => call('sync', path, () => file.sync()),
        close: () => file.close(),
      }
    },
    read: (path) => call('read', path, () => disk.read(path)),
    readRange: (path, start, end) => call('read', path, () => disk.readRange(path, start, end)),
    info: (path) => disk.info(path),
    async link(from, to) {
      try {
        await call('link', to, () => disk.link(from, to))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') world.tally.add('conflicts')
        throw error
      }
    },
    rename: (from, to) => call('rename', to, () => disk.rename(from, to)),
    remove: (path) => call('remove', path, () => disk.remove(path)),
    entries: (folder) => call('list', folder, () => disk.entries(folder)),
    makeFolder: (folder) => call('make folder', folder, () => disk.makeFolder(folder)),
    syncFolder: (folder) => call('sync folder', folder, () => disk.syncFolder(folder)),
  }
}
