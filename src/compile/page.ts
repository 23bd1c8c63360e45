import type { Contract, Domain } from '#contract'
import { keptColumns } from './column.ts'

/** The dataset's page: whose it is, what a row is, what each column means, and what is refused. Markdown. */
export function datasetPage(contract: Contract): string {
  const dropped = Object.entries(contract.columns).filter(([, { privacy }]) => privacy === 'drop')
  const rules = rulesOf(contract)
  return [
    `# ${contract.title}`,
    '',
    `<!-- Made by scripts/generate.ts from datasets/${contract.name}.ts. Change that. -->`,
    '',
    contract.about,
    '',
    `- Table: \`silver.${contract.name}\`${contract.measureTable === undefined ? '' : `, measures in \`silver.${contract.measureTable}\``}`,
    `- One row: ${contract.grain}; key ${contract.key.map((column) => `\`${column}\``).join(', ')}`,
    `- Publisher: ${contract.publisher}`,
    `- Licence: ${contract.licence}`,
    `- Attribution: ${contract.attribution}`,
    `- Source: <${contract.url}>`,
    ...(contract.stream === undefined ? [] : [`- Topic: \`${contract.stream.topic}\``]),
    ...(contract.simulated === true ? ['- Simulated: no record of it is a real answer'] : []),
    `- Means "missing": blank${contract.missing.map((marker) => `, \`${marker}\``).join('')}`,
    '',
    '## Layouts',
    '',
    contract.layouts.every(({ format }) => format === 'message')
      ? 'Records come as messages, each a JSON object.'
      : 'A file is taken by what its headers say, never by its name.',
    '',
    ...table(
      ['layout', 'format', 'what it is', 'sets', 'known by'],
      contract.layouts.map(({ name, format, about, constants = {}, requires }) => [
        `\`${name}\``,
        format,
        about,
        Object.entries(constants)
          .map(([column, value]) => `\`${column}\` = ${value}`)
          .join(', '),
        requires.map((header) => `\`${header}\``).join(', '),
      ]),
    ),
    '## Columns',
    '',
    ...table(
      ['column', 'type', 'unit', 'what it is', 'published as'],
      keptColumns(contract).map(([column, spec]) => [
        `\`${column}\`${spec.wide === false ? ' (measure)' : ''}`,
        spec.type,
        spec.unit,
        spec.about,
        (spec.from ?? []).map((header) => `\`${header}\``).join(', '),
      ]),
    ),
    '## Rules',
    '',
    'A record that breaks a rule of severity reject goes to `silver.quarantine`; warn keeps the row and names the rule in `warnings`.',
    '',
    ...table(['rule', 'severity', 'what must hold'], rules),
    ...(dropped.length === 0
      ? []
      : [
          '## Left in Bronze',
          '',
          `Names and numbers of persons go no further: ${dropped.flatMap(([, { from = [] }]) => from.map((header) => `\`${header}\``)).join(', ')}.`,
          '',
        ]),
  ].join('\n')
}

function rulesOf(contract: Contract): string[][] {
  const byRule = new Map<string, { severity: string; columns: string[]; holds: string }>()
  const add = (rule: string, severity: string, column: string | undefined, holds: string): void => {
    const known = byRule.get(rule) ?? { severity, columns: [], holds }
    if (column !== undefined) known.columns.push(column)
    byRule.set(rule, known)
  }
  for (const [column, { required, domain }] of keptColumns(contract)) {
    if (required !== undefined) add(required.rule, required.severity, column, 'is there')
    if (domain !== undefined) add(domain.rule, domain.severity, column, domainWords(domain.is))
  }
  for (const { rule, severity, about } of contract.rules) add(rule, severity, undefined, about)
  return [...byRule].map(([rule, { severity, columns, holds }]) => {
    const whose =
      columns.length > 4 ? `each of ${columns.length} columns` : columns.map((column) => `\`${column}\``).join(', ')
    return [`\`${rule}\``, severity, `${whose}${whose === '' ? '' : ' '}${holds}`]
  })
}

function domainWords(domain: Domain): string {
  if ('matches' in domain) return `is of the form \`${domain.matches}\``
  if ('oneOf' in domain) return `is one of ${domain.oneOf.join(', ')}`
  const { min, max } = domain
  if (min === undefined) return `is at most ${max}`
  return max === undefined ? `is at least ${min}` : `is from ${min} to ${max}`
}

function table(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
  return [line(headers), line(headers.map(() => '---')), ...rows.map(line), '']
}
