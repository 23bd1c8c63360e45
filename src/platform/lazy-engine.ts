import type { SqlEngine } from '#port'

/** An engine that is started when something is first asked of it: work that finds nothing to do does without one. */
export function lazyEngine(dialect: SqlEngine['dialect'], start: () => Promise<SqlEngine>): SqlEngine {
  let started: Promise<SqlEngine> | undefined
  const engine = () => {
    started ??= start()
    return started
  }
  return {
    dialect,
    run: async (sql, parameters) => (await engine()).run(sql, parameters),
    query: async (sql, parameters) => (await engine()).query(sql, parameters),
    stream(sql) {
      const answer = engine().then((on) => on.stream(sql))
      const columns = answer.then((on) => on.columns)
      columns.catch(() => {}) // told again by the batches
      return {
        columns,
        batches: (async function* () {
          yield* (await answer).batches
        })(),
      }
    },
    describe: async (sql) => (await engine()).describe(sql),
    attach: async (table) => (await engine()).attach(table),
    writeParquet: async (...request) => (await engine()).writeParquet(...request),
    confine: async () => (await engine()).confine(),
    session: async () => lazyEngine(dialect, async () => (await engine()).session()),
    cancel() {
      void started?.then((on) => on.cancel()).catch(() => {}) // one that did not start has nothing to cancel
    },
    // One that could not start has told so.
    close: async () => (await started?.catch(() => undefined))?.close(),
  }
}
