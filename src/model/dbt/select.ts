import type { BuildRequest } from '#port'

/** The request in dbt's own words: what is named with all it stands on, the tests of what is there, without what is excluded and the tests that read it. */
export function dbtSelection({
  select,
  alone = false,
  exclude = [],
}: Pick<BuildRequest, 'select' | 'alone' | 'exclude'>): readonly string[] {
  const chosen = select === undefined ? [] : ['--select', ...select.map((word) => (alone ? word : `+${word}`))]
  const left = exclude.length === 0 ? [] : ['--exclude', ...exclude.flatMap((word) => [word, testsOf(word)])]
  // Only tests all of whose models are there: others would be of tables that were not built.
  return [...chosen, ...left, '--indirect-selection', 'cautious']
}

const testsOf = (word: string): string => `${word}+1,resource_type:test`
