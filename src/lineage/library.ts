import { setFlagsFromString } from 'node:v8'
import type { QueryAnalysis, Schema } from '@polyglot-sql/sdk'
import { Fault } from '#port'
import type { Tree } from './tree.ts'

export type { ColumnReferenceFact, ProjectionFact, QueryAnalysis, TableSchema } from '@polyglot-sql/sdk'

/** What is asked of the library of SQL. All of it is synchronous. */
export interface SqlReader {
  /** The statement's syntax tree, or what is wrong with it. */
  parse(sql: string): { readonly tree: Tree } | { readonly error: string }
  write(tree: Tree): string
  analyse(sql: string, schema: Schema): { readonly analysis: QueryAnalysis } | { readonly error: string }
  /** True where an aggregate function stands in the expression, over a window or not. */
  aggregates(expression: Tree): boolean
}

type Library = typeof import('@polyglot-sql/sdk')
type Expression = Parameters<Library['ast']['getAggregateFunctions']>[0]

const dialect = 'duckdb' as NonNullable<Parameters<Library['parse']>[1]>

/**
 * The one door to the library, which is large and is loaded when lineage is asked for. It is WebAssembly of 23 MB that runs for seconds: for as long as
 * `work` takes, what is compiled in this process is not optimized, which would take several times as long as it runs and twice its memory.
 * Fault: `machine/library`.
 */
export async function withSqlReader<T>(work: (reader: SqlReader) => Promise<T>): Promise<T> {
  for (const flag of optimizing) setFlagsFromString(`--no-${flag}`)
  try {
    return await work(await loadReader())
  } finally {
    for (const flag of optimizing) setFlagsFromString(`--${flag}`)
  }
}

const optimizing = ['wasm-tier-up', 'wasm-dynamic-tiering']

async function loadReader(): Promise<SqlReader> {
  const { ast, analyzeQuery, generate, parse } = await import('@polyglot-sql/sdk').catch(notInstalled)
  return {
    parse(sql) {
      const { success, ast: trees, error } = parse(sql, dialect)
      const [tree, ...others] = (success ? trees : undefined) ?? []
      if (tree === undefined) return { error: error ?? 'not a statement' }
      return others.length > 0 ? { error: 'more than one statement' } : { tree: tree as unknown as Tree }
    },
    write: (tree) => generate([tree as unknown as Expression], dialect).sql?.[0] ?? '',
    analyse(sql, schema) {
      const { success, analysis, error } = analyzeQuery(sql, { dialect, schema })
      return success && analysis !== undefined ? { analysis } : { error: error ?? 'not a query' }
    },
    aggregates: (expression) => ast.getAggregateFunctions(expression as unknown as Expression).length > 0,
  }
}

function notInstalled(cause: unknown): never {
  if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause
  throw new Fault('machine/library', 'The library @polyglot-sql/sdk is not installed, which lineage needs.', {
    mend: 'Run npm ci.',
    cause,
    facts: { library: '@polyglot-sql/sdk' },
  })
}
