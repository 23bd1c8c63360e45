import { Fault } from '#port'

/** What dbt itself gave up on, with the file and line where it names them. */
export function dbtFault(errors: readonly string[]): Fault {
  const told = errors
    .map((error) => error.replace(/^(\[ERROR\]:?)?\s*(Encountered an error:)?\s*/, ''))
    .filter((error) => error !== '')
  const what = told.at(-1)?.replace(/\s*\n\s*/g, ' ') ?? 'dbt ended without a word.'
  const file = /\(((?:[\w.-]+\/)*[\w.-]+\.(?:sql|ya?ml|csv|md))\)|((?:[\w.-]+\/)*[\w.-]+\.(?:sql|ya?ml|csv|md))\b/.exec(
    what,
  )
  const line = /\bline (\d+)/.exec(what)?.[1]
  const place = file?.[1] ?? file?.[2] ?? null
  const facts = { file: place, line: line === undefined ? null : Number(line) }
  if (/Found a cycle/i.test(what)) {
    return new Fault('model/cycle', `dbt: ${what}`, { mend: 'Take one of these references out.', facts })
  }
  return new Fault('model/project', `dbt: ${what}`, {
    mend: place === null ? 'Mend what dbt names.' : `Mend ${place}${line === undefined ? '' : ` at line ${line}`}.`,
    facts,
  })
}
