import { randomUUID } from 'node:crypto'
import type { TableEffects } from '#lake'
import { noFailpoint } from '#port'

/** Effects as in production, but silent and without waiting. */
export function quietEffects(over: Partial<TableEffects> = {}): TableEffects {
  return {
    nowMs: Date.now,
    newId: randomUUID,
    sleep: async () => {},
    random: Math.random,
    report: () => {},
    failpoint: noFailpoint,
    engineInfo: 'fairlead/test',
    ...over,
  }
}
