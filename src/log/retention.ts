/** What leaves a log, in steps short enough that appending and reading go on between them. */
import type { Report } from '#port'
import { Fault } from '#port'
import type { DatabaseSync } from './sqlite.ts'
import { number, writing } from './sqlite.ts'

export interface RetentionOptions {
  /** Records older than this go, in hours in which the log was in use: a pause counts as one hour at most, so a clock that was set wrong removes nothing. */
  readonly keepHours: number
  /** Most that the log's file may hold, in megabytes. */
  readonly maxMb: number
}

export interface Retention {
  /** Does one step; answers whether there is more to do. Where there is none, it has said what the bound forced. */
  step(): boolean
  /** For who stops between steps: says what the bound has forced until here. */
  sayForced(): void
}

/** A partition whose oldest records may go. */
interface Candidate {
  readonly topic: number
  readonly partition: number
  readonly name: string | undefined
  /** What every known consumer has made safe ends here; undefined where none is known. */
  readonly safe: number | undefined
  readonly oldest: { readonly row: number; readonly next: number; readonly ageMs: number } | undefined
}

/** One step removes no more than this, which takes some milliseconds. */
const stepBytes = 8 * 1024 * 1024
const stepChunks = 5_000

/** Over its bound the log shrinks to this share of it, so that it does not do so again for every batch. */
const shrinkTo = 0.9

/** Pages without content are used again; where they are more than this share of the file, they are given back to the disk. */
const mostFree = 0.25
const stepPages = 2_000

/**
 * In this order: what removed topics left; what is too old and, where consumers are known, safe with all of them; over the bound the oldest that is safe with
 * all; and, if that was not enough, the oldest whatever it is, which is said.
 */
export function retention(
  database: DatabaseSync,
  path: string,
  { keepHours, maxMb }: RetentionOptions,
  report: Report,
): Retention {
  const keepMs = keepHours * 3_600_000
  const maxBytes = maxMb * 1024 * 1024
  let shrinking = false
  const forced = new Map<string, { readonly topic: string; readonly partition: number; from: number; to: number }>()
  const sql = {
    candidates: database.prepare(`
      SELECT p.topic, p.number AS partition, t.name,
        (SELECT min(coalesce(c.next, 0))
          FROM (SELECT DISTINCT name FROM consumer WHERE topic = p.topic) AS known
          LEFT JOIN consumer AS c ON c.topic = p.topic AND c.name = known.name AND c.partition = p.number) AS safe
      FROM partition AS p LEFT JOIN topic AS t ON t.key = p.topic`),
    oldest: database.prepare(
      'SELECT rowid AS row, next, age_ms FROM chunk WHERE topic = ? AND partition = ? ORDER BY next LIMIT 1',
    ),
    piece: database.prepare(`
      SELECT next, age_ms, length(records) AS bytes FROM chunk WHERE topic = ? AND partition = ? ORDER BY next LIMIT ${stepChunks}`),
    remove: database.prepare('DELETE FROM chunk WHERE topic = ? AND partition = ? AND next <= ?'),
    start: database.prepare('SELECT start FROM partition WHERE topic = ? AND number = ?'),
    moveStart: database.prepare('UPDATE partition SET start = ? WHERE topic = ? AND number = ?'),
    removePartition: database.prepare('DELETE FROM partition WHERE topic = ? AND number = ?'),
    age: database.prepare('SELECT age_ms FROM log'),
    pages: database.prepare(`
      SELECT page_count AS pages, freelist_count AS free, page_size AS size
      FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`),
  }

  function candidates(): readonly Candidate[] {
    return sql.candidates.all().map((row) => {
      const topic = number(row, 'topic')
      const partition = number(row, 'partition')
      const oldest = sql.oldest.get(topic, partition)
      return {
        topic,
        partition,
        name: row.name === null ? undefined : String(row.name),
        safe: row.safe === null ? undefined : number(row, 'safe'),
        oldest: oldest && { row: number(oldest, 'row'), next: number(oldest, 'next'), ageMs: number(oldest, 'age_ms') },
      }
    })
  }

  /** Removes a partition's oldest chunks while `may` says so. */
  function removeOldest({ topic, partition }: Candidate, may: (next: number, ageMs: number) => boolean): void {
    let bytes = 0
    let upTo: number | undefined
    for (const row of sql.piece.iterate(topic, partition)) {
      if (bytes >= stepBytes || !may(number(row, 'next'), number(row, 'age_ms'))) break
      upTo = number(row, 'next')
      bytes += number(row, 'bytes')
    }
    if (upTo === undefined) return
    sql.remove.run(topic, partition, upTo)
    sql.moveStart.run(upTo, topic, partition)
  }

  function clearRemoved(all: readonly Candidate[]): boolean {
    const orphan = all.find(({ name }) => name === undefined)
    if (orphan === undefined) return false
    if (orphan.oldest === undefined) sql.removePartition.run(orphan.topic, orphan.partition)
    else removeOldest(orphan, () => true)
    return true
  }

  function removeAged(all: readonly Candidate[]): boolean {
    const aged = number(sql.age.get(), 'age_ms') - keepMs
    const old = all.find(({ oldest, safe = Infinity }) => oldest && oldest.ageMs < aged && oldest.next <= safe)
    if (old === undefined) return false
    removeOldest(old, (next, ageMs) => ageMs < aged && next <= (old.safe ?? Infinity))
    return true
  }

  function shrink(all: readonly Candidate[]): boolean {
    const { pages, free, size } = pagesNow()
    const used = (pages - free) * size
    shrinking = used > maxBytes * (shrinking ? shrinkTo : 1)
    if (!shrinking) return false
    const byAge = all
      .filter(({ oldest }) => oldest !== undefined)
      .sort((a, b) => (a.oldest?.row ?? 0) - (b.oldest?.row ?? 0))
    const safe = byAge.find(({ oldest, safe = 0 }) => oldest && oldest.next <= safe)
    if (safe !== undefined) {
      removeOldest(safe, (next) => next <= (safe.safe ?? 0))
      return true
    }
    const [victim] = byAge
    if (victim === undefined) return false
    const from = number(sql.start.get(victim.topic, victim.partition), 'start')
    removeOldest(victim, () => true)
    noteForced(victim, from, number(sql.start.get(victim.topic, victim.partition), 'start'))
    return true
  }

  function noteForced({ topic, partition, name = '' }: Candidate, from: number, to: number): void {
    const noted = forced.get(`${topic} ${partition}`)
    if (noted === undefined) forced.set(`${topic} ${partition}`, { topic: name, partition, from, to })
    else noted.to = to
  }

  function sayForced(): void {
    for (const { topic, partition, from, to } of forced.values()) {
      report({
        kind: 'fault',
        fault: new Fault(
          'log/dropped',
          `${path} reached topics.maxMb (${maxMb}), so offsets ${from} to ${to - 1} of topic ${topic}, partition ${partition} were removed, and not every consumer had them.`,
          {
            mend: 'See why the topic is not landed as fast as it is written, or raise topics.maxMb; send those records again if they are needed.',
            facts: { file: path, topic, partition, from, to, maxMb },
          },
        ),
      })
    }
    forced.clear()
  }

  function pagesNow() {
    const row = sql.pages.get()
    return { pages: number(row, 'pages'), free: number(row, 'free'), size: number(row, 'size') }
  }

  function giveBack(): boolean {
    const { pages, free } = pagesNow()
    if (free <= stepPages || free <= pages * mostFree) return false
    database.exec(`PRAGMA incremental_vacuum(${stepPages})`)
    return pagesNow().free < free
  }

  return {
    sayForced,
    step() {
      const more = writing(database, () => {
        const all = candidates()
        return clearRemoved(all) || removeAged(all) || shrink(all)
      })
      if (more) return true
      sayForced()
      return giveBack()
    },
  }
}
