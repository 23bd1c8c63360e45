/**
 * Building a dbt project: `node bench/model.ts PROJECT TARGET DBT [ROUNDS] [GENERATED]`. The embedded runner in a new process and warm, in turn with dbt itself.
 * With GENERATED, PROJECT is not read: so many models are made up. Environment is passed on; NODE_COMPILE_CACHE gives the embedded runner what its bundle has. Prints medians and spread.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [from = '', target = 'duck', dbt = '', roundsText = '5', generated] = process.argv.slice(2)
if (from === 'build') {
  await buildHere(target)
  process.exit()
}
const scratch = mkdtempSync(join(tmpdir(), 'fairlead-bench-'))
const project = join(scratch, 'project')
if (generated === undefined) cpSync(from, project, { recursive: true })
else generate(Number(generated))
const taken = new Map<string, number[]>()
const note = (what: string, ms: number) => taken.set(what, [...(taken.get(what) ?? []), ms])

for (let round = 0; round < Number(roundsText); round += 1) {
  rmSync(join(scratch, 'target'), { recursive: true, force: true })
  rmSync(join(scratch, 'b.duckdb'), { force: true })
  timed('embedded, new process', process.execPath, [import.meta.filename, 'build', project])
  const ours = timed('embedded, then one model', process.execPath, [import.meta.filename, 'build', project, 'edit'])
  for (const [what, ms] of Object.entries<number>(JSON.parse(ours))) note(what, ms)
  if (dbt === '') continue
  const folders = ['--project-dir', project, '--profiles-dir', project, '--target-path', join(scratch, 'target')]
  timed('dbt, cold build', dbt, ['build', ...folders, '--log-path', scratch])
  timed('dbt, one model', dbt, ['run', '-s', lastModel(), ...folders, '--log-path', scratch])
}
for (const [what, times] of taken) {
  const sorted = [...times].sort((a, b) => a - b)
  const shown = [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)].map((ms) => Math.round(ms ?? 0))
  console.log(`${what.padEnd(28)} ${shown[0]} ms (${shown[1]}…${shown[2]})`)
}
rmSync(scratch, { recursive: true, force: true })

function timed(what: string, program: string, args: readonly string[]): string {
  const started = performance.now()
  const env = { ...process.env, CLIMATE_DB: join(scratch, 'b.duckdb'), BENCH_TARGET: target, BENCH_MODEL: lastModel() }
  const done = spawnSync(program, args, { env, encoding: 'utf8', timeout: 600_000 })
  const ms = performance.now() - started
  note(what, ms)
  console.error(`${what}: ${Math.round(ms)} ms`)
  if (done.status !== 0) throw new Error(`${what} failed: ${done.stdout}${done.stderr}`)
  return done.stdout
}

function lastModel(): string {
  return generated === undefined ? 'gold_borough_summary' : `m${Number(generated) - 1}`
}

/** Chains of ten, each model with two tests. */
function generate(count: number): void {
  mkdirSync(join(project, 'models'), { recursive: true })
  writeFileSync(
    join(project, 'dbt_project.yml'),
    'name: many\nversion: "1.0.0"\nconfig-version: 2\nprofile: many\nmodels:\n  many:\n    +materialized: table\n',
  )
  const output = '{type: duckdb, path: "{{ env_var(\'CLIMATE_DB\') }}", schema: main, threads: 2}'
  writeFileSync(join(project, 'profiles.yml'), `many:\n  target: ${target}\n  outputs:\n    ${target}: ${output}\n`)
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

/** A whole build, then one model and its tests again after its file was touched. */
async function buildHere(folder: string): Promise<void> {
  const { duckdbEngine } = await import('#engine')
  const { embeddedRunner } = await import('#model')
  const { readdirSync, utimesSync } = await import('node:fs')
  const made = mkdtempSync(join(tmpdir(), 'fairlead-bench-build-'))
  const engine = await duckdbEngine({ memoryMb: 1024, threads: 2, spillFolder: join(made, 'spill') })
  const runner = embeddedRunner({ report: () => {}, nowMs: Date.now, newId: () => crypto.randomUUID() })
  const { BENCH_TARGET = 'duck', BENCH_MODEL = '' } = process.env
  const request = { folder, target: BENCH_TARGET, vars: {}, env: process.env, fullRefresh: false, targetFolder: made }
  const started = performance.now()
  const whole = await runner.build(request, engine)
  const built = performance.now()
  if (dbt !== 'edit') return engine.close()
  const file = readdirSync(join(folder, 'models'), { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(`${BENCH_MODEL}.sql`),
  )
  utimesSync(join(folder, 'models', file ?? ''), new Date(), new Date())
  const edited = performance.now()
  const one = await runner.build({ ...request, select: [BENCH_MODEL], alone: true }, engine)
  const ended = performance.now()
  if (!whole.ok || !one.ok) throw new Error('the build failed')
  console.log(JSON.stringify({ 'embedded, build alone': built - started, 'embedded, one model warm': ended - edited }))
  await engine.close()
  rmSync(made, { recursive: true, force: true })
}
