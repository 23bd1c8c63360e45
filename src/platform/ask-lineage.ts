import type { WorkEffects } from './api.ts'
import type { LineageAnswer, LineageAsk } from './lineage-api.ts'

/** What reads lineage is loaded when it is asked for: no other command needs it. Faults: those of `answerLineage`. */
export async function askLineage(ask: LineageAsk, effects: WorkEffects): Promise<LineageAnswer> {
  const { answerLineage } = await import('./lineage.ts')
  return answerLineage(ask, effects)
}
