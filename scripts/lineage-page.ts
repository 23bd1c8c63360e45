import type { Lineage, LineageTable } from '#api'

/** The page of lineage: the roadmap from Bronze to Gold, and for each table of Gold the tables of Silver and Bronze that it stands on. */
export function lineagePage(lineage: Lineage, mermaid: string): string {
  const gold = lineage.tables.filter(({ layer }) => layer === 'gold')
  const columns = lineage.tables.reduce((sum, table) => sum + table.columns.length, 0)
  return [
    '# From Bronze to Gold',
    '',
    `<!-- Made by scripts/generate.ts from the datasets’ contracts and the compiled dbt project. -->`,
    '',
    `${lineage.tables.length} tables, ${columns} columns. Bronze to Silver is read from the contracts, Silver to Gold from the SQL that dbt's models compile to; nobody drew it. \`fairlead lineage --column gold.climate_vulnerability.svi_overall\` says where one column comes from, \`fairlead lineage --impact silver.svi.rpl_themes\` what a change reaches, and the dashboard shows both under Lineage. How it is read, and what it cannot see: [decision 15](decisions/0015-lineage.md).`,
    '',
    '[As a picture](lineage.svg).',
    '',
    '```mermaid',
    mermaid.trimEnd(),
    '```',
    '',
    '## What each table of Gold stands on',
    '',
    '| table | columns | directly | in Silver | in Bronze |',
    '|---|---|---|---|---|',
    ...gold.map((table) => rowOf(table, lineage)),
    '',
  ].join('\n')
}

function rowOf(table: LineageTable, lineage: Lineage): string {
  const below = ancestors(table, lineage)
  const of = (layer: string): string => listed(below.filter((each) => each.layer === layer).map(({ name }) => name))
  return `| \`${table.name}\` | ${table.columns.length} | ${listed(table.reads)} | ${of('silver')} | ${of('bronze')} |`
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

/** In the order of the data's way. */
function ancestors(table: LineageTable, { tables }: Lineage): readonly LineageTable[] {
  const byName = new Map(tables.map((each) => [each.name, each]))
  const found = new Set<string>()
  const walk = (names: readonly string[]): void => {
    for (const name of names) {
      if (found.has(name)) continue
      found.add(name)
      walk(byName.get(name)?.reads ?? [])
    }
  }
  walk(table.reads)
  return tables.filter(({ name }) => found.has(name))
}
