import type { PublicationState } from '#api'
import type { Current } from './current.ts'
import type { ServerEvent } from './events.ts'

export function publicationState(current: Current): PublicationState {
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
  }
}

/** What a browser that comes now is told first. Both ids name both states, so the last one seen says all that was seen. */
export function stateEvents(current: Current): readonly ServerEvent[] {
  const { publication, lastRun } = publicationState(current)
  const id = `${publication?.version ?? '-'}.${lastRun?.runId ?? '-'}`
  const events: ServerEvent[] = []
  if (publication !== null) {
    const { version, publishedAt } = publication
    events.push({ id, event: 'publication', data: { version, publishedAt } })
  }
  if (lastRun !== null) events.push({ id, event: 'run', data: { runId: lastRun.runId, outcome: lastRun.outcome } })
  return events
}
