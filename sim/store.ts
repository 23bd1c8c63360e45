import type { ObjectStore } from '#port'
import { Fault } from '#port'
import type { Dice } from './dice.ts'
import type { Process } from './scheduler.ts'
import { siteNames } from './site.ts'
import type { World } from './world.ts'
import { longestLateMs } from './world.ts'

/** Objects of one page of a listing; between two pages anything may happen. */
const pageObjects = 7

/**
 * A store as one task of a process sees it. Every call takes a turn before it does anything and another before it is answered. In rough weather a call is refused,
 * its answer is lost, or a write is done later than its caller was told that it failed.
 */
export function roughStore(base: ObjectStore, world: World, process: Process, role: string, dice: Dice): ObjectStore {
  const { weather, tally } = world
  const siteOf = siteNames(`${role}: store`)

  async function call<T>(deed: string, path: string, work: () => Promise<T>, writes: boolean): Promise<T> {
    const site = siteOf(deed, kindOf(path))
    await world.turn(process, site.before)
    if (world.isRough && dice.chance(weather.refused)) {
      tally.add('weather')
      throw unreachable(`${deed} ${path} was refused.`)
    }
    if (writes && world.isRough && dice.chance(weather.late)) {
      tally.add('late writes')
      void later(work, dice.whole(10, longestLateMs))
      await world.sleep(process, dice.whole(5, 2_000))
      throw unreachable(`${deed} ${path} was not answered in time.`)
    }
    const answer = await work()
    await world.turn(process, site.after)
    if (world.isRough && dice.chance(weather.lostAnswer)) {
      tally.add('lost answers')
      throw unreachable(`The answer to ${deed} ${path} was lost.`)
    }
    return answer
  }

  async function later(work: () => Promise<unknown>, ms: number): Promise<void> {
    await world.sleep(world.nature, ms)
    await work()
  }

  return {
    name: base.name,
    localRoot: undefined,
    read: (path) => call('read', path, () => base.read(path), false),
    readRange: (path, start, end) => call('read', path, () => base.readRange(path, start, end), false),
    async *list(prefix, after) {
      for (let from = after; ; ) {
        const at = from
        const page = await call('list', prefix, () => pageOf(base, prefix, at), false)
        yield* page
        const last = page.at(-1)
        if (last === undefined || page.length < pageObjects) return
        from = last.path
      }
    },
    create: (path, bytes) => {
      const kind = kindOf(path)
      const work = async () => {
        const outcome = await base.create(path, bytes)
        if (outcome === 'exists' && kind === 'commit') tally.add('conflicts')
        return outcome
      }
      return call('create', path, work, true)
    },
    replace: (path, bytes) => call('replace', path, () => base.replace(path, bytes), true),
    remove: (path) => call('remove', path, () => base.remove(path), true),
    sync: base.sync,
  }
}

async function pageOf(base: ObjectStore, prefix: string, after: string | undefined) {
  const page = []
  for await (const info of base.list(prefix, after)) {
    page.push(info)
    if (page.length === pageObjects) break
  }
  return page
}

const commitName = /_delta_log\/\d{20}\.json$/

export function kindOf(path: string): string {
  if (path.endsWith('.json') && commitName.test(path)) return 'commit'
  if (path.endsWith('_last_checkpoint')) return 'hint'
  if (path.endsWith('.checkpoint.parquet')) return 'checkpoint'
  return path.includes('_delta_log') ? 'log' : 'data'
}

function unreachable(what: string): Fault {
  return new Fault('store/unreachable', what, { mend: 'It is tried again.', retry: true })
}
