import type { NodeResult, SqlEngine } from '#port'
import type { TestNode } from './node.ts'
import { text } from './value.ts'

/** Counts the rows that break a test's rule and judges the count as dbt does. */
export async function runTest(
  node: TestNode,
  sql: string,
  engine: SqlEngine,
): Promise<Pick<NodeResult, 'status' | 'failures' | 'message'>> {
  const config = (name: string, fallback: string): string => text(node.config.get(name) ?? fallback, node.at)
  const calculation = config('fail_calc', 'count(*)')
  const warnIf = config('warn_if', '!= 0')
  const errorIf = config('error_if', '!= 0')
  const limit = node.config.get('limit')
  const rows =
    limit === undefined || limit === null
      ? sql
      : `select * from (\n${sql}\n) dbt_subquery limit ${text(limit, node.at)}`
  const { rows: answers } = await engine.query(
    `select ${calculation} as failures, ${calculation} ${warnIf} as should_warn, ${calculation} ${errorIf} as should_error from (\n${rows}\n) dbt_internal_test`,
  )
  const [counted, shouldWarn, shouldError] = answers[0] ?? []
  if (counted === null || counted === undefined) {
    return { status: 'error', failures: null, message: `fail_calc (${calculation}) gave null.` }
  }
  const failures = Number(counted)
  const severe = config('severity', 'error').toLowerCase() === 'error'
  if (severe && shouldError === true) {
    return { status: 'fail', failures, message: `Got ${results(failures)}, configured to fail if ${errorIf}` }
  }
  if (shouldWarn === true) {
    return { status: 'warn', failures, message: `Got ${results(failures)}, configured to warn if ${warnIf}` }
  }
  return { status: 'pass', failures: 0, message: null }
}

const results = (count: number): string => `${count} result${count === 1 ? '' : 's'}`
