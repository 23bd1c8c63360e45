import type { SqlEngine } from '#port'
import { withSessions } from '#port'

/** Runs work in a session of the engine that nothing else uses meanwhile, as soon as one is free, in order of asking. Once some failed none is begun any more, and what waits fails as it did. */
export type UseSession = <T>(work: (session: SqlEngine) => Promise<T>) => Promise<T>

/** Work that asks for as many sessions of an engine at once. They end with it. */
export function inSessions<T>(engine: SqlEngine, count: number, work: (use: UseSession) => Promise<T>): Promise<T> {
  return withSessions(engine, count, (sessions) => work(sharedOut(sessions)))
}

function sharedOut(sessions: readonly SqlEngine[]): UseSession {
  const free = [...sessions]
  const waiting: ((session: SqlEngine) => void)[] = []
  let failed: { readonly error: unknown } | undefined
  return async (work) => {
    const session = free.pop() ?? (await new Promise<SqlEngine>((resolve) => waiting.push(resolve)))
    try {
      if (failed !== undefined) throw failed.error
      return await work(session)
    } catch (error) {
      failed ??= { error }
      throw error
    } finally {
      const next = waiting.shift()
      if (next === undefined) free.push(session)
      else next(session)
    }
  }
}
