import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { PlatformTable } from '#compile'
import { datasetPage, dbtSources, rowTypes, snowflakeSetup, snowflakeTables, warehouseNames } from '#compile'
import { datasets } from '#datasets'
import {
  displacedColumns,
  fileColumns,
  ledgerColumns,
  quarantineColumns,
  schoolPlaceColumns,
  tractPlaceColumns,
} from '#pipeline'
import { warehouseTables } from '#platform'
import { lineagePicture, readLineage } from '../src/platform/lineage.ts'
import { dashboardPages, pagesModule } from './dashboard-pages.ts'
import { supportPage } from './dbt-support.ts'
import { goldModule, goldPage, goldTables } from './gold-page.ts'
import { lineagePage } from './lineage-page.ts'

// What follows from the contracts, or from the YAML of Gold, and lies in the checkout: `node scripts/generate.ts` writes it, `--check` says what is stale and exits with 1.

const root = join(import.meta.dirname, '..')

const silver = (name: string, about: string, columns: PlatformTable['columns']): PlatformTable => ({
  schema: 'silver',
  name,
  about,
  columns,
})

const platformTables: readonly PlatformTable[] = [
  silver(
    'school_place',
    'The tracts, district and borough in which each school location lies, by polygon.',
    schoolPlaceColumns,
  ),
  silver('tract_place', 'The borough and district in which each census tract lies.', tractPlaceColumns),
  silver('quarantine', 'Records that broke a reject rule, as received.', quarantineColumns),
  silver('displaced', 'Records that another record of the same key displaced.', displacedColumns),
  silver('ledger', 'Where every record went, by source and rule.', ledgerColumns),
  { schema: 'bronze', name: 'file', about: 'Every file that was landed.', columns: fileColumns },
]

const pages = 'docs/datasets'
const gold = goldTables(join(root, 'dbt'))

const lineage = await readLineage(
  { datasets: [], models: [], engine: { memoryMb: 512 } },
  { report: () => {}, signal: new AbortController().signal },
)

const byGenerate =
  '-- Made by scripts/generate.ts. `fairlead load --setup` prints the same with the names that are set.\n'

const wanted = new Map<string, string>([
  ['dbt/models/sources.generated.yml', dbtSources(datasets, platformTables)],
  ['docs/dbt-support.md', supportPage()],
  ['datasets/rows.generated.ts', rowTypes(datasets)],
  ['docs/gold.md', goldPage(gold)],
  ['docs/lineage.md', lineagePage(lineage, lineagePicture(lineage, 'mermaid'))],
  ['docs/lineage.svg', lineagePicture(lineage, 'svg')],
  ['src/serve/gold-columns.generated.ts', goldModule(gold)],
  ['src/platform/dashboard-pages.generated.ts', pagesModule(await dashboardPages(join(root, 'web/src'), lineage))],
  [
    'docs/snowflake/setup.generated.sql',
    `${byGenerate}${snowflakeSetup({ names: warehouseNames, developers: ['user'], bucket: 'gs://bucket/prefix', stage: 'BRONZE.LAKE' })}`,
  ],
  [
    'docs/snowflake/tables.generated.sql',
    `${byGenerate}${snowflakeTables(warehouseNames.database, warehouseTables(datasets))}`,
  ],
  ...datasets.map((contract): [string, string] => [`${pages}/${contract.name}.md`, datasetPage(contract)]),
])

const stale: string[] = []
for (const [file, text] of wanted) {
  const standing = await readFile(join(root, file), 'utf8').catch(() => undefined) // not there yet
  if (standing !== text) stale.push(file)
}
const kept = await readdir(join(root, pages)).catch((): string[] => []) // not there yet
const left = kept.map((name) => `${pages}/${name}`).filter((file) => file.endsWith('.md') && !wanted.has(file))

if (process.argv.includes('--check')) {
  for (const file of [...stale, ...left]) console.error(`${file} is stale: run node scripts/generate.ts`)
  process.exitCode = stale.length + left.length > 0 ? 1 : 0
} else {
  for (const file of stale) {
    const path = join(root, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, wanted.get(file) ?? '')
    console.log(`wrote ${relative(root, path)}`)
  }
  for (const file of left) await rm(join(root, file))
}
