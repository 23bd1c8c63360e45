/** Keeps the architecture: `node scripts/check-layers.ts [checkout]`. Exit code 1 where a rule is broken, each with what mends it. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { IConfiguration, ICruiseResult } from 'dependency-cruiser'
import { cruise } from 'dependency-cruiser'
import { doors, mayImport, mayReadEnvironment, pathOf } from './layers.ts'

const root = process.argv[2] ?? join(import.meta.dirname, '..')
process.chdir(root)

const rules: { default: IConfiguration } = await import(
  pathToFileURL(join(import.meta.dirname, '../.dependency-cruiser.mjs')).href
)
const entries = ['src', 'datasets', 'web/src'].filter((folder) => existsSync(folder))
const { output } = await cruise(entries, { ...rules.default.options, ruleSet: rules.default, validate: true })
if (typeof output === 'string') throw new TypeError('dependency-cruiser answered with text')
const problems = [...brokenRules(output), ...crowdedPackages(output), ...environmentReaders(), ...unseen(output)]
for (const problem of problems) console.error(problem)
if (problems.length > 0) process.exitCode = 1
else console.log(`layers: ${output.summary.totalCruised} modules keep the table of scripts/layers.ts`)

function brokenRules({ summary }: ICruiseResult): string[] {
  const commentOf = new Map((rules.default.forbidden ?? []).map((rule) => [rule.name, rule.comment ?? '']))
  return summary.violations.map(({ from, to, rule, cycle }) => {
    const way = cycle ? [from, ...cycle.map(({ name }) => name)].join(' → ') : from === to ? from : `${from} → ${to}`
    return `${way}\n  ${rule.name}: ${commentOf.get(rule.name)}`
  })
}

/** One npm package, one door. The browser's view library is what its files are written in, so `web/` is left out. */
function crowdedPackages({ modules }: ICruiseResult): string[] {
  const importers = new Map<string, Set<string>>()
  for (const { source, dependencies } of modules) {
    if (source.startsWith('web/')) continue
    for (const { resolved, dependencyTypes } of dependencies) {
      if (!dependencyTypes.includes('npm')) continue
      const [name] = /(@[^/]+\/)?[^/]+/.exec(resolved.replace(/^.*node_modules\//, '')) ?? []
      if (name !== undefined) importers.set(name, (importers.get(name) ?? new Set()).add(source))
    }
  }
  return [...importers].flatMap(([name, files]) => {
    const allowed = doors[name]?.files
    const strays = allowed ? [...files].filter((file) => !allowed.includes(file)) : files.size > 1 ? [...files] : []
    if (strays.length === 0) return []
    return [
      `${name} is imported by ${strays.join(', ')}\n  package-door: let one file import it and the others ask that file.`,
    ]
  })
}

function environmentReaders(): string[] {
  return Object.keys(mayImport)
    .filter((folder) => !mayReadEnvironment.includes(folder))
    .flatMap((folder) => globSync(`${pathOf(folder)}/**/*.ts`))
    .filter((file) => readFileSync(file, 'utf8').includes('process.env'))
    .map(
      (file) =>
        `${file}\n  no-environment: only ${mayReadEnvironment.join(' and ')} read process.env: take it as an argument.`,
    )
}

/** A cruiser that reads nothing finds nothing wrong: every folder of the table that has files must have been seen, with imports. */
function unseen({ modules, summary }: ICruiseResult): string[] {
  const seen = new Set(modules.map(({ source }) => source))
  const files = Object.keys(mayImport).flatMap((folder) => globSync(`${pathOf(folder)}/**/*.ts`))
  const missed = files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !seen.has(file) && !/\.(generated|d)\./.test(file))
  const strangers = globSync('src/*').filter((folder) => !(folder.replace(/^src./, '') in mayImport))
  return [
    ...missed.map((file) => `${file}\n  unseen: the check did not read this file; its verdict says nothing.`),
    ...strangers.map((folder) => `${folder}\n  unknown-folder: give it a line in the table of scripts/layers.ts.`),
    ...(summary.totalDependenciesCruised
      ? []
      : ['no imports were seen\n  unseen: the check read nothing; its verdict says nothing.']),
  ]
}
