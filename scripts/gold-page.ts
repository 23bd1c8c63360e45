import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

/** A table of Gold as its YAML has it, beside the model. */
export interface GoldTable {
  readonly name: string
  readonly about: string
  readonly kind: 'model' | 'live model' | 'seed'
  /** Columns that tell its rows apart; empty where nothing says so. */
  readonly grain: readonly string[]
  readonly columns: readonly GoldColumn[]
}

export interface GoldColumn {
  readonly name: string
  readonly definition: string
  readonly unit: string
  readonly source: string
  readonly caveat: string
}

interface Properties {
  readonly models?: readonly Written[]
  readonly seeds?: readonly Written[]
}

interface Written {
  readonly name: string
  readonly description?: string
  readonly data_tests?: readonly (string | Readonly<Record<string, { readonly arguments?: { columns?: string[] } }>>)[]
  readonly columns?: readonly {
    readonly name: string
    readonly description?: string
    readonly config?: { readonly meta?: Readonly<Record<string, unknown>> }
    readonly data_tests?: readonly unknown[]
  }[]
}

const folders = [
  ['models/gold', 'model'],
  ['models/live', 'live model'],
  ['seeds', 'seed'],
] as const

/** Every table of Gold, by name. Throws, naming the column, where a column lacks its definition, unit, source or caveat. */
export function goldTables(projectFolder: string): readonly GoldTable[] {
  const tables = folders.flatMap(([folder, kind]) =>
    readdirSync(join(projectFolder, folder))
      .filter((file) => file.endsWith('.yml'))
      .flatMap((file) => {
        const { models = [], seeds = [] }: Properties = parse(readFileSync(join(projectFolder, folder, file), 'utf8'))
        return [...models, ...seeds].map((written) => tableOf(written, kind))
      }),
  )
  return tables.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function tableOf(written: Written, kind: GoldTable['kind']): GoldTable {
  if (!written.description) throw new Error(`${written.name} has no description`)
  const [unique = []] = (written.data_tests ?? []).flatMap((test) =>
    typeof test === 'string' ? [] : [test.unique_combination?.arguments?.columns].filter((key) => key !== undefined),
  )
  const single = (written.columns ?? []).filter(({ data_tests = [] }) => data_tests.includes('unique'))
  const columns = (written.columns ?? []).map(({ name, description, config }) => {
    const told = { definition: description, ...config?.meta }
    const say = (what: 'definition' | 'unit' | 'source' | 'caveat'): string => {
      const text = told[what as keyof typeof told]
      if (typeof text !== 'string' || text === '') throw new Error(`${written.name}.${name} has no ${what}`)
      return text
    }
    return { name, definition: say('definition'), unit: say('unit'), source: say('source'), caveat: say('caveat') }
  })
  const grain = unique.length > 0 ? unique : single.slice(0, 1).map(({ name }) => name)
  return { name: written.name, about: written.description.trim(), kind, grain, columns }
}

const kindWords: Readonly<Record<GoldTable['kind'], string>> = {
  model: 'Tables',
  'live model': 'A season as it streams in',
  seed: 'What codes mean',
}

/** The page for people: every table, its grain, and every column with its unit, definition, source and caveat. */
export function goldPage(tables: readonly GoldTable[]): string {
  const parts = folders.flatMap(([, kind]) => [
    `## ${kindWords[kind]}`,
    '',
    ...tables.filter((table) => table.kind === kind).flatMap(section),
  ])
  return [
    '# Gold, column by column',
    '',
    'Made by `scripts/generate.ts` from the YAML beside the models (`dbt/models/gold`, `dbt/models/live`, `dbt/seeds`). Change those.',
    '',
    'Null is never zero: it stands for a value that was not published, or a statistic of fewer than five schools that is withheld.',
    '',
    ...parts,
  ].join('\n')
}

function section({ name, about, grain, columns }: GoldTable): readonly string[] {
  return [
    `### ${name}`,
    '',
    about,
    '',
    ...(grain.length > 0 ? [`One row for each ${grain.join(', ')}.`, ''] : []),
    '| column | definition | unit | source | caveat |',
    '|---|---|---|---|---|',
    ...columns.map(
      (column) =>
        `| ${[column.name, column.definition, column.unit, column.source, column.caveat].map(cell).join(' | ')} |`,
    ),
    '',
  ]
}

/** `none` is said as a dash; a bar would end the cell. */
function cell(text: string): string {
  return text === 'none' ? '–' : text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
}

/** The same for the server, which has no YAML. */
export function goldModule(tables: readonly GoldTable[]): string {
  const entries = tables.map(({ name, about, grain, columns }) =>
    JSON.stringify({ table: name, about, grain, columns }),
  )
  return [
    '// Made by scripts/generate.ts from the YAML beside the models of Gold. Change that.',
    "import type { GoldTableAbout } from '#api'",
    '',
    'export const goldTables: readonly GoldTableAbout[] = [',
    ...entries.map((entry) => `  ${entry},`),
    ']',
    '',
  ].join('\n')
}
