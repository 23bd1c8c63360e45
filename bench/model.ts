/**
 * Building a dbt project by the embedded runner, in a new process and warm, in turn with dbt itself and with the floor, which is the SQL that dbt compiled straight in
 * DuckDB, each view's rows kept once: `node bench/model.ts sample|many [ROUNDS]`. `sample` is `stack/dbt/sample` of `FAIRLEAD_SHARED` over its published files;
 * `many` is made up: 500 models in chains of ten, each with two tests. A compile cache gives the embedded runner's process what the command line's bundle has.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Row } from './result.ts'
import { tell, versionOf } from './result.ts'

const manyModels = 500
const stack = join(process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../shared'), 'stack/dbt')
const last = { sample: 'gold_borough_summary', many: `m${manyModels - 1}` }
const [kind, argument = '5'] = process.argv.slice(2)

if (kind === 'build') await build(argument)
else if (kind === 'sample' || kind === 'many') compare(kind, Number(argument))
else throw new Error('Usage: node bench/model.ts sample|many [ROUNDS]')

function compare(which: keyof typeof last, rounds: number): void {
  const dbt = installedDbt()
  const scratch = mkdtempSync(join(tmpdir(), 'fairlead-bench-'))
  const project = join(scratch, 'project')
  if (which === 'sample') cpSync(join(stack, 'sample'), project, { recursive: true })
  else generate(project, manyModels)
  const env = {
    ...process.env,
    NYC_DATA: join(stack, '../../data'),
    CLIMATE_DB: join(scratch, 'dbt.duckdb'),
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    FLOOR_VIEWS: 'table',
    NODE_COMPILE_CACHE: join(scratch, 'compiled'),
    BENCH_MODEL: last[which],
  }
  const timed = (program: string, argv: readonly string[]) => {
    const startedMs = performance.now()
    const done = spawnSync(program, argv, { env, encoding: 'utf8', cwd: join(import.meta.dirname, '..') })
    const ms = performance.now() - startedMs
    if (done.status !== 0) throw new Error(`${program} ${argv.join(' ')} failed: ${done.stdout}${done.stderr}`)
    return { ms, printed: done.stdout }
  }
  const own = [import.meta.filename, 'build', project]
  const target = join(scratch, 'target')
  const folders = ['--project-dir', project, '--profiles-dir', project, '--target-path', target, '--log-path', scratch]
  const anew = () => {
    for (const path of ['target', 'dbt.duckdb', 'floor']) rmSync(join(scratch, path), { recursive: true, force: true })
    mkdirSync(join(scratch, 'floor'))
  }
  const round = () => {
    anew()
    const theirs = dbt === undefined ? undefined : timed(dbt, ['build', ...folders]).ms
    if (theirs !== undefined) cpSync(target, join(project, 'target'), { recursive: true })
    const floorArgv = [join(stack, 'floor.mjs'), project, join(scratch, 'floor/dbt.duckdb')] // dbt's SQL names its database by its file
    const floor = theirs === undefined ? undefined : timed(process.execPath, floorArgv).ms
    const { ms: cold } = timed(process.execPath, own)
    const warm: number = JSON.parse(timed(process.execPath, [...own, 'edit']).printed).ms
    const theirOne = dbt === undefined ? undefined : timed(dbt, ['run', '-s', last[which], ...folders]).ms
    const taken = { cold, warm, floor, theirs, theirOne }
    console.error(JSON.stringify(taken))
    return taken
  }
  timed(process.execPath, [...own, 'edit']) // fills the compile cache
  try {
    const taken = Array.from({ length: rounds }, round)
    const row = (name: string, of: (one: ReturnType<typeof round>) => number | undefined): Row[] => {
      const ms = taken.map(of).filter((each) => each !== undefined)
      return ms.length === 0 ? [] : [{ name, figures: { ms } }]
    }
    const ratio = (name: string, a: (typeof taken)[number]['floor'][], b: typeof a): Row[] => {
      const times = a.flatMap((each, i) => (each === undefined ? [] : [each / (b[i] ?? Number.NaN)]))
      return times.length === 0 ? [] : [{ name, figures: { times } }]
    }
    const of = (name: keyof (typeof taken)[number]) => taken.map((one) => one[name])
    tell({
      rows: [
        ...row('floor, new process', ({ floor }) => floor),
        ...row('embedded, new process', ({ cold }) => cold),
        ...row('dbt, cold build', ({ theirs }) => theirs),
        ...row('embedded, one model and its tests, warm process', ({ warm }) => warm),
        ...row('dbt, one model', ({ theirOne }) => theirOne),
        ...ratio('dbt to embedded, by pair', of('theirs'), of('cold')),
        ...ratio(
          'embedded to floor, by pair',
          of('floor').every((ms) => ms === undefined) ? [] : of('cold'),
          of('floor'),
        ),
        ...ratio('dbt to embedded, one model, by pair', of('theirOne'), of('warm')),
      ],
      settings: { project: which, rounds },
      versions: { DuckDB: versionOf('@duckdb/node-api'), ...(dbt === undefined ? {} : dbtVersions(dbt)) },
    })
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** dbt's own command, where the stack can install it. */
function installedDbt(): string | undefined {
  const install = join(stack, 'install')
  if (!existsSync(install)) return undefined
  const { stdout, status } = spawnSync(install, { encoding: 'utf8' })
  return status === 0 ? stdout.trim().split('\n').at(-1) : undefined
}

function dbtVersions(dbt: string): Record<string, string> {
  const { stdout } = spawnSync(dbt, ['--version'], { encoding: 'utf8' })
  const of = (name: string) => new RegExp(`- ${name}: *([\\d.]+)`).exec(stdout)?.[1] ?? ''
  return { 'dbt-core': of('installed'), 'dbt-duckdb': of('duckdb') }
}

function generate(project: string, count: number): void {
  mkdirSync(join(project, 'models'), { recursive: true })
  writeFileSync(
    join(project, 'dbt_project.yml'),
    'name: many\nversion: "1.0.0"\nconfig-version: 2\nprofile: many\nmodels:\n  many:\n    +materialized: table\n',
  )
  const output = '{type: duckdb, path: "{{ env_var(\'CLIMATE_DB\') }}", schema: main, threads: 2}'
  writeFileSync(join(project, 'profiles.yml'), `many:\n  target: duck\n  outputs:\n    duck: ${output}\n`)
  const notes: string[] = []
  for (let i = 0; i < count; i += 1) {
    const body =
      i % 10 === 0
        ? `select range as id, ${i} as n from range(100)`
        : `select id, n + 1 as n from {{ ref('m${i - 1}') }}`
    writeFileSync(join(project, 'models', `m${i}.sql`), `${body}\n`)
    notes.push(`  - name: m${i}\n    columns:\n      - name: id\n        data_tests: [unique, not_null]`)
  }
  writeFileSync(join(project, 'models', 'many.yml'), `version: 2\nmodels:\n${notes.join('\n')}\n`)
}

/** A whole build; with `edit`, then one model and its tests again after its file was touched, whose milliseconds are printed. */
async function build(folder: string): Promise<void> {
  const { duckdbEngine } = await import('#engine')
  const { embeddedRunner } = await import('#model')
  const made = mkdtempSync(join(tmpdir(), 'fairlead-bench-build-'))
  const engine = await duckdbEngine({ memoryMb: 1024, threads: 2, spillFolder: join(made, 'spill') })
  const runner = embeddedRunner({ report: () => {}, nowMs: Date.now, newId: () => crypto.randomUUID() })
  const { BENCH_MODEL = '' } = process.env
  const request = { folder, target: 'duck', vars: {}, env: process.env, fullRefresh: false, targetFolder: made }
  try {
    if (!(await runner.build(request, engine)).ok) throw new Error('the build failed')
    if (process.argv[4] !== 'edit') return
    const files = readdirSync(join(folder, 'models'), { recursive: true, encoding: 'utf8' })
    const file = files.find((path) => path.endsWith(`${BENCH_MODEL}.sql`)) ?? ''
    utimesSync(join(folder, 'models', file), new Date(), new Date())
    const startedMs = performance.now()
    const one = await runner.build({ ...request, select: [BENCH_MODEL], alone: true }, engine)
    if (!one.ok) throw new Error('the build failed')
    console.log(JSON.stringify({ ms: performance.now() - startedMs }))
  } finally {
    await engine.close()
    rmSync(made, { recursive: true, force: true })
  }
}
