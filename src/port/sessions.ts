import type { SqlEngine } from './engine.ts'

/** Opens so many further sessions of an engine for as long as work takes. */
export async function withSessions<T>(
  engine: SqlEngine,
  count: number,
  work: (sessions: readonly SqlEngine[]) => Promise<T>,
): Promise<T> {
  const sessions: SqlEngine[] = []
  try {
    while (sessions.length < count) sessions.push(await engine.session())
    return await work(sessions)
  } finally {
    await Promise.allSettled(sessions.map((session) => session.close()))
  }
}
