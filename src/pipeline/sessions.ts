import type { SqlEngine } from '#port'

/** Runs work in a session of the engine that nothing else uses meanwhile, as soon as one is free, in order of asking. */
export type UseSession = <T>(work: (session: SqlEngine) => Promise<T>) => Promise<T>

/** Work that asks for as many sessions of an engine at once. They end with it. */
export async function inSessions<T>(
  engine: SqlEngine,
  count: number,
  work: (use: UseSession) => Promise<T>,
): Promise<T> {
  const sessions: SqlEngine[] = []
  try {
    while (sessions.length < count) sessions.push(await engine.session())
    return await work(sharedOut(sessions))
  } finally {
    for (const session of sessions) await session.close()
  }
}

function sharedOut(sessions: readonly SqlEngine[]): UseSession {
  const free = [...sessions]
  const waiting: ((session: SqlEngine) => void)[] = []
  return async (work) => {
    const session = free.pop() ?? (await new Promise<SqlEngine>((resolve) => waiting.push(resolve)))
    try {
      return await work(session)
    } finally {
      const next = waiting.shift()
      if (next === undefined) free.push(session)
      else next(session)
    }
  }
}
