import type { LakeReader, OpenPublication } from '#platform'
import type { Report } from '#port'
import { Fault } from '#port'
import type { Choices } from './choices.ts'
import { readChoices } from './choices.ts'
import { faultOf } from './guard.ts'

export interface Answers {
  get(key: string): string | undefined
  /** Keeps it where all that is kept stays below `most` characters. */
  keep(key: string, body: string, most: number): void
}

export interface OpenedPublication {
  readonly open: OpenPublication
  readonly choices: Choices
  /** Answers already given: they hold as long as the publication does. */
  readonly answers: Answers
}

/** The publication that requests are answered from, replaced in one step when a newer one is out. */
export interface Current {
  /** Undefined until something was published. */
  now(): OpenedPublication | undefined
  lastRun(): Awaited<ReturnType<LakeReader['lastRun']>>
  /** Works on one publication from start to end, whatever comes out meanwhile. */
  use<T>(work: (publication: OpenedPublication) => Promise<T>): Promise<T>
  /** Opens the newest publication if another is shown. */
  refresh(): Promise<void>
  close(): Promise<void>
}

interface Lease {
  readonly publication: OpenedPublication
  users: number
  retired: boolean
}

export function currentPublication(
  reader: LakeReader,
  onChange: (change: 'publication' | 'run') => void,
  report: Report,
): Current {
  let lease: Lease | undefined
  let run: Awaited<ReturnType<LakeReader['lastRun']>>
  let closed = false
  let refreshing: Promise<void> = Promise.resolve()
  let asked = false

  async function endIfUnused(ended: Lease): Promise<void> {
    if (ended.retired && ended.users === 0) await ended.publication.open.close()
  }

  async function retire(old: Lease): Promise<void> {
    old.retired = true
    await endIfUnused(old)
  }

  async function look(): Promise<void> {
    asked = false
    if (closed) return
    const newestRun = await reader.lastRun()
    const newest = await reader.newest()
    const shown = lease?.publication.open.publication
    // Told apart by run: a lake that was emptied and filled again counts its versions from 0.
    if (newest !== undefined && newest.runId !== shown?.runId) {
      const open = await reader.open(newest)
      try {
        const publication = { open, choices: await readChoices(open.engine), answers: keptAnswers() }
        const old = lease
        lease = { publication, users: 0, retired: false }
        run = newestRun
        if (old !== undefined) await retire(old)
      } catch (error) {
        await open.close()
        throw error
      }
      onChange('publication')
    }
    if (newestRun?.runId !== run?.runId) {
      run = newestRun
      onChange('run')
    }
  }

  return {
    now: () => lease?.publication,
    lastRun: () => run,

    async use(work) {
      const held = lease
      if (held === undefined) {
        throw new Fault('serve/no-publication', 'Nothing has been published yet.', {
          mend: 'Run `fairlead run`; this page follows by itself.',
          retry: true,
        })
      }
      held.users += 1
      try {
        return await work(held.publication)
      } finally {
        held.users -= 1
        await endIfUnused(held).catch((error: unknown) => report({ kind: 'fault', fault: faultOf(error) }))
      }
    },

    refresh() {
      // Asked while one is under way: one more after it is enough for all.
      if (!asked) {
        asked = true
        refreshing = refreshing.catch(() => {}).then(look)
      }
      return refreshing
    },

    async close() {
      closed = true
      await refreshing.catch(() => {})
      const last = lease
      lease = undefined
      if (last !== undefined) await retire(last)
    },
  }
}

function keptAnswers(): Answers {
  const bodies = new Map<string, string>()
  let characters = 0
  return {
    get: (key) => bodies.get(key),
    keep(key, body, most) {
      if (bodies.has(key) || characters + body.length > most) return
      bodies.set(key, body)
      characters += body.length
    },
  }
}
