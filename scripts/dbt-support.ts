import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { embeddedFeatures as features } from '#model'

/** A feature of the runner, and the projects in which what it does is compared with dbt's own. */
export interface Compared {
  readonly group: string
  readonly feature: string
  readonly places: readonly string[]
}

const root = join(import.meta.dirname, '..')
const casesFolder = 'test/cases/model'

/** Projects that both runners build in `npm run test:dbt`, by the name of their folder. */
function projects(): ReadonlyMap<string, string> {
  const cases = readdirSync(join(root, casesFolder)).map((name) => `${casesFolder}/${name}`)
  const compared = cases.filter((folder) => existsSync(join(root, folder, 'expected.json')))
  return new Map([...compared, 'dbt'].map((folder) => [folder, textOf(join(root, folder))]))
}

function textOf(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(sql|ya?ml|md)$/.test(entry.name) && !entry.name.includes('.generated.'))
    .filter((entry) => !relative(folder, entry.parentPath).split(sep).includes('target'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => `--- ${relative(folder, path)}\n${readFileSync(path, 'utf8')}`)
    .join('\n')
}

const word = (name: string): string => name.replace(/[+$^.*]/g, '\\$&')
const key = (name: string) => new RegExp(`(^|[\\s{(,+"'])${word(name)}["']?\\s*[:=]`, 'm')

/** How what a project is made of lies or is written in it. */
const resources: ReadonlyMap<string, RegExp> = new Map([
  ['models', /^--- (project\/)?models\/.*\.sql$/m],
  ['seeds', /\bseeds\/|^seeds:/m],
  ['sources', /\bsource\(/],
  ['macros', /^--- (project\/)?macros\/.*\.sql$/m],
  ['generic tests', /\{%-? *test /],
  ['singular tests', /^--- (project\/)?tests\/[^/\n]*\.sql$/m],
  ['unit tests', /^unit_tests:/m],
  ['docs blocks', /\{%-? *docs /],
  ['macros of installed packages', /^--- project\/dbt_packages\/.*macros\/.*\.sql$/m],
  ['generic tests of installed packages', /^\s+- kit\.\w+:/m],
  ['the search order of dispatch', /^dispatch:/m],
  ['generate_schema_name', /macro generate_schema_name\(/],
  ['generate_alias_name', /macro generate_alias_name\(/],
])

/** How each kind of feature is written in a project. */
const groups: readonly { group: string; names: Iterable<string>; written: (name: string) => RegExp }[] = [
  {
    group: 'Materializations',
    names: features.materializations,
    written: (n) => new RegExp(`materialized["']?\\s*[:=]\\s*["']?${n}|^\\s*\\+?materialized: ${n}`, 'm'),
  },
  {
    group: 'Incremental strategies',
    names: features.incrementalStrategies,
    written: (n) => new RegExp(`incremental_strategy["']?\\s*[:=]\\s*["']?${word(n)}`),
  },
  { group: 'Config of models and seeds', names: features.modelConfig, written: key },
  { group: 'Config of tests', names: features.testConfig, written: key },
  { group: 'Generic tests', names: features.genericTests, written: (n) => new RegExp(`\\b${n}\\b`) },
  { group: 'Tags', names: features.tags, written: (n) => new RegExp(`\\{%-?\\s*${n}\\b`) },
  { group: 'Names in templates', names: features.names, written: (n) => new RegExp(`\\{[{%#][^}]*?\\b${n}\\b`) },
  { group: 'Methods of the adapter', names: features.adapter, written: (n) => new RegExp(`adapter\\.${n}\\(`) },
  { group: 'Macros of dbt', names: features.macros, written: (n) => new RegExp(`\\bdbt\\.${n}\\(`) },
  { group: 'Filters', names: features.filters, written: (n) => new RegExp(`\\|\\s*${n}\\b`) },
  { group: 'Tests in expressions', names: features.tests, written: (n) => new RegExp(`\\bis (not )?${n}\\b`) },
  { group: 'Attributes of loop', names: features.loop, written: (n) => new RegExp(`\\bloop\\.${n}\\b`) },
  { group: 'Attributes of relations', names: features.relation, written: (n) => new RegExp(`\\b(this|it)\\.${n}\\b`) },
  { group: 'Attributes of target', names: features.target, written: (n) => new RegExp(`\\btarget\\.${n}\\b`) },
  { group: 'Methods of config', names: features.configMethods, written: (n) => new RegExp(`\\bconfig\\.${n}\\(`) },
  { group: 'Methods of exceptions', names: features.exceptions, written: (n) => new RegExp(`\\bexceptions\\.${n}\\(`) },
  { group: 'Keys of properties files', names: features.propertyFiles, written: (n) => new RegExp(`^${n}:`, 'm') },
  { group: 'Inputs of unit tests', names: features.unit.inputs, written: (n) => new RegExp(`- input: ${n}\\b`) },
  {
    group: 'Formats of rows in unit tests',
    names: features.unit.formats,
    written: (n) => new RegExp(`\\bformat: ${n}\\b`),
  },
  {
    group: 'Overrides of unit tests',
    names: features.unit.overrides,
    written: (n) => new RegExp(`overrides:\\s+(.*\\n\\s+)?${n}:`),
  },
  { group: 'Resources', names: resources.keys(), written: (n) => resources.get(n) ?? /$^/ },
  { group: 'Methods of strings', names: features.methods.string, written: (n) => new RegExp(`\\.${n}\\(`) },
  { group: 'Methods of lists', names: features.methods.list, written: (n) => new RegExp(`\\.${n}\\(`) },
  { group: 'Methods of dictionaries', names: features.methods.dict, written: (n) => new RegExp(`\\.${n}\\(`) },
]

export function compared(): readonly Compared[] {
  const texts = [...projects()]
  return groups.flatMap(({ group, names, written }) =>
    [...names].map((feature) => {
      const pattern = written(feature)
      return { group, feature, places: texts.filter(([, text]) => pattern.test(text)).map(([name]) => name) }
    }),
  )
}

const short = (place: string): string => place.replace(`${casesFolder}/`, '')

export function supportPage(): string {
  const all = compared()
  const sections = [...Map.groupBy(all, ({ group }) => group)].map(
    ([group, rows]) =>
      `### ${group}\n\n| feature | compared in |\n|---|---|\n${rows.map(({ feature, places }) => `| \`${feature}\` | ${places.slice(0, 3).map(short).join(', ') || '–'} |`).join('\n')}\n`,
  )
  const { refused } = features
  const list = (names: Iterable<string>): string => [...new Set(names)].map((name) => `\`${name}\``).join(', ')
  return `# What the embedded runner supports of dbt

Written by \`node scripts/generate.ts\` from \`src/model\`. What stands in no list here is a mistake in a project and is told as one; what is refused is refused by name, file and line before anything is built, and runs with \`fairlead run --engine dbt\`, which is dbt-core itself.

"Compared in" names projects that are built by dbt-core with dbt-duckdb and by the embedded runner: the folders under \`${casesFolder}\`, and \`dbt\`, this product's own. Rows, verdicts, names, dependencies and compiled SQL must agree (\`npm run test:dbt\`).

## At a glance

| | |
|---|---|
| resources | models, seeds, sources, macros, generic tests, singular tests, unit tests, docs blocks |
| packages | macros and generic tests of packages that lie in \`dbt_packages/\`, with the search order of \`dispatch\`; a macro of a package that needs more than the runner does is refused where it is called; packages are installed by \`dbt deps\` |
| read and left alone | exposures, groups, semantic models, metrics, saved queries, freshness |
| refused | snapshots, Python models, models and seeds of packages, hooks, \`on-run-start\`, \`on-run-end\`, custom materializations, model versions, enforced contracts, queries while compiling (\`run_query\`, \`statement\`), \`store_failures\` |
| unit tests | \`given\` and \`expect\` as dict, csv or sql, rows or fixture; inputs \`ref\`, \`source\`, \`this\`; overrides of macros, vars, env_vars. An incremental model need not stand yet |
| beyond dbt | \`config: {meta: {expect: merged}}\` on a unit test of an incremental model: \`expect\` is the whole table after the merge, not the rows that come in |
| selection | names, ids, \`tag:x\`; each with all it stands on, or alone; the same to exclude |
| artifacts | \`manifest.json\` (v12), \`run_results.json\` (v6), \`compiled/\` of what failed |
| order | up to four nodes at once, each after what it stands on and after the tests of that; tests that read the same are asked in one statement; a view over text files is read once a build |

## Supported

${sections.join('\n')}
### Config that changes nothing on DuckDB

${list(features.idleConfig)}

## Refused by name

| | |
|---|---|
| tags | ${list(refused.tags.keys())} |
| names | ${list(refused.names.keys())} |
| config | ${list(refused.config)} |
| filters | ${list(refused.filters)} |
| tests in expressions | ${list(refused.tests)} |
`
}
