import type { Report } from './event.ts'
import { Fault } from './fault.ts'

export interface RetryEffects {
  readonly sleep: (ms: number) => Promise<void>
  /** 0 to 1. */
  readonly random: () => number
  readonly report: Report
}

export interface RetryOptions {
  readonly what: string
  readonly attempts: number
  readonly firstWaitMs: number
  readonly maxWaitMs: number
}

/** Runs again what failed for weather (`fault.retry`), waiting twice as long each time with full jitter; anything else passes through at once. */
export async function retry<T>(
  work: () => Promise<T>,
  options: RetryOptions,
  { sleep, random, report }: RetryEffects,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Fault) || !error.retry || attempt >= options.attempts) throw error
      const waitMs = Math.round(random() * Math.min(options.maxWaitMs, options.firstWaitMs * 2 ** (attempt - 1)))
      report({ kind: 'retry', what: options.what, attempt, waitMs, fault: error })
      await sleep(waitMs)
    }
  }
}
