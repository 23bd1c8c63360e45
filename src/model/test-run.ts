import type { NodeResult, Row, SqlEngine } from '#port'
import { Fault } from '#port'
import type { TestNode } from './node.ts'
import { text } from './value.ts'

export interface WrittenTest {
  readonly node: TestNode
  readonly sql: string
}

export type Verdict = Pick<NodeResult, 'status' | 'failures' | 'message'>

/** Counts the rows that break a test's rule and judges the count as dbt does. */
export async function runTest(test: WrittenTest, engine: SqlEngine): Promise<Verdict> {
  const { rows } = await engine.query(countOf(test))
  return judge(test.node, rows[0] ?? [])
}

/** Of one statement: where one of them fails, all have to be asked again. */
const testsAtOnce = 32

/**
 * Runs tests by as few statements as may be, which takes the engine half as long as one by one. Answers verdicts by id; a test without one has to be run
 * by itself, to hear what is wrong with it.
 */
export async function runTests(
  tests: readonly WrittenTest[],
  engine: SqlEngine,
): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>()
  const asked = tests.filter(({ node }) => !reckoning.some((name) => node.config.has(name)))
  const nullTests = asked.flatMap((test) => nullTestOf(test) ?? [])
  for (const group of Map.groupBy(nullTests, ({ from }) => from).values()) {
    for (const [at, failures] of (await nullsOf(group, engine)).entries()) {
      const node = group[at]?.test.node
      if (node !== undefined) verdicts.set(node.id, judge(node, [failures, failures !== 0, failures !== 0]))
    }
  }
  const plain = asked.filter(({ node }) => !verdicts.has(node.id))
  for (let from = 0; from < plain.length; from += testsAtOnce) {
    const some = plain.slice(from, from + testsAtOnce)
    for (const [at, ...answer] of await countsOf(some, engine)) {
      const node = some[Number(at)]?.node
      if (node !== undefined) verdicts.set(node.id, judge(node, answer))
    }
  }
  return verdicts
}

interface NullTest {
  readonly test: WrittenTest
  readonly column: string
  readonly from: string
}

/** A test that selects a column where it is null, and nothing more: `not_null`, as dbt writes it. */
function nullTestOf(test: WrittenTest): NullTest | undefined {
  const [, column, from] = /^select ([^\n]+)\nfrom ([^\n]+)\nwhere \1 is null$/.exec(test.sql) ?? []
  const limited = (test.node.config.get('limit') ?? null) !== null
  return column === undefined || from === undefined || limited ? undefined : { test, column, from }
}

/** Nulls of each column, in one look at the table that has them; none answered where the look fails. */
async function nullsOf(tests: readonly NullTest[], engine: SqlEngine): Promise<readonly number[]> {
  const counts = tests.map(({ column }) => `count(*) - count(${column})`)
  try {
    const { rows } = await engine.query(`select ${counts.join(', ')} from ${tests[0]?.from}`)
    return (rows[0] ?? []).map(Number)
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'engine/cancelled') throw error
    return []
  }
}

/** With these a test's count may have a type of its own, and the answers of several could not stand in one column. */
const reckoning = ['fail_calc', 'warn_if', 'error_if']

async function countsOf(tests: readonly WrittenTest[], engine: SqlEngine): Promise<readonly Row[]> {
  try {
    const counts = tests.map((test, at) => `select ${at} as at, * from (\n${countOf(test)}\n)`)
    return (await engine.query(counts.join('\nunion all\n'))).rows
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'engine/cancelled') throw error
    return []
  }
}

function setting(node: TestNode, name: string, fallback: string): string {
  return text(node.config.get(name) ?? fallback, node.at)
}

function countOf({ node, sql }: WrittenTest): string {
  const calculation = setting(node, 'fail_calc', 'count(*)')
  const limit = node.config.get('limit')
  const rows =
    limit === undefined || limit === null
      ? sql
      : `select * from (\n${sql}\n) dbt_subquery limit ${text(limit, node.at)}`
  return `select ${calculation} as failures, ${calculation} ${setting(node, 'warn_if', '!= 0')} as should_warn, ${calculation} ${setting(node, 'error_if', '!= 0')} as should_error from (\n${rows}\n) dbt_internal_test`
}

function judge(node: TestNode, [counted, shouldWarn, shouldError]: Row): Verdict {
  if (counted === null || counted === undefined) {
    const calculation = setting(node, 'fail_calc', 'count(*)')
    return { status: 'error', failures: null, message: `fail_calc (${calculation}) gave null.` }
  }
  const failures = Number(counted)
  const severe = setting(node, 'severity', 'error').toLowerCase() === 'error'
  if (severe && shouldError === true) {
    const message = `Got ${results(failures)}, configured to fail if ${setting(node, 'error_if', '!= 0')}`
    return { status: 'fail', failures, message }
  }
  if (shouldWarn === true) {
    const message = `Got ${results(failures)}, configured to warn if ${setting(node, 'warn_if', '!= 0')}`
    return { status: 'warn', failures, message }
  }
  return { status: 'pass', failures: 0, message: null }
}

const results = (count: number): string => `${count} result${count === 1 ? '' : 's'}`
