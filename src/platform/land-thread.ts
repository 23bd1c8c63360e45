import type { Landing } from '#pipeline'
import type { WorkEffects } from './api.ts'
import type { PlainFault } from './thread.ts'
import { faultOf, inThread } from './thread.ts'

export interface LandRequest {
  /** Absolute folders. */
  readonly lake: string
  readonly from: string
  readonly datasets: readonly string[]
}

/** A landing as a thread can say it. */
export type PlainLanding = Omit<Landing, 'faults'> & {
  readonly faults: readonly { readonly file: string; readonly fault: PlainFault }[]
}

/**
 * Lands a folder on a thread of its own: reading files is JavaScript's work, so it would keep the engine, which works on threads of its own, waiting for
 * its next statement. The two meet in the lake alone, as two processes may.
 */
export async function landInThread(request: LandRequest, effects: WorkEffects): Promise<Landing> {
  const file = new URL('./land-worker.ts', import.meta.url)
  const landing = await inThread<LandRequest, PlainLanding>(file, request, effects)
  return { ...landing, faults: landing.faults.map(({ file, fault }) => ({ file, fault: faultOf(fault) })) }
}
