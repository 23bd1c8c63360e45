import type { LiveChange, PublicationState } from '#api'
import type { Current } from './current.ts'
import type { ServerEvent } from './events.ts'
import type { LiveFeed } from './live.ts'

export function publicationState(current: Current, live: LiveFeed): PublicationState {
  const publication = current.now()?.open.publication
  const run = current.lastRun()
  return {
    publication:
      publication === undefined
        ? null
        : {
            version: publication.version,
            runId: publication.runId,
            publishedAt: publication.publishedAt,
            sample: publication.sample,
            tests: publication.tests,
            gold: publication.gold.map(({ table, rows }) => ({ table, rows })),
          },
    lastRun: run === undefined ? null : run,
    held: run !== undefined && (run.outcome === 'held' || run.outcome === 'failed'),
    live: live.now() !== undefined,
  }
}

/**
 * What a browser that comes now is told first. Every id names all three states, so the last one seen says all that was seen.
 * Of the stream it is told the newest change: who does not show its base asks for the whole.
 */
export function stateEvents(current: Current, live: LiveFeed, startId: string): readonly ServerEvent[] {
  const { publication, lastRun } = publicationState(current, live)
  const now = live.now()
  const stream = now === undefined ? '-' : `${startId}-${now.seen}`
  const id = `${publication?.version ?? '-'}.${lastRun?.runId ?? '-'}.${stream}`
  const events: ServerEvent[] = []
  if (publication !== null) {
    const { version, publishedAt } = publication
    events.push({ id, event: 'publication', data: { version, publishedAt } })
  }
  if (lastRun !== null) events.push({ id, event: 'run', data: { runId: lastRun.runId, outcome: lastRun.outcome } })
  if (now !== undefined) events.push({ id, event: 'live', data: now.change satisfies LiveChange })
  return events
}
