import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { installDbt } from '#model'
import { dbtPlaces } from '../model/dbt.ts'
import { dbtForDatabricks } from './databricks.ts'
import { foreignWords } from './foreign-words.ts'
import { projectFolder } from './project.ts'

// Nothing answers at these accounts: what is asked is whether dbt reads the project and makes SQL of it for that engine. Incremental models ask the engine
// whether they stand, so that they cannot be compiled without one; a copy has them as tables, once from nothing and once going on.

const scratch = mkdtempSync(join(tmpdir(), 'fairlead-targets-'))
after(() => rmSync(scratch, { recursive: true, force: true }))

type Target = 'snowflake' | 'databricks'

interface Call {
  readonly program: string
  readonly target: Target
  readonly project: string
}

async function dbt({ program, target, project }: Call, command: readonly string[]): Promise<void> {
  const folders = ['--project-dir', project, '--profiles-dir', project, '--target-path', join(project, target)]
  const env = { ...process.env, FAIRLEAD_DBT_TARGET: target, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' }
  await promisify(execFile)(program, [...command, ...folders, '--log-path', scratch], { env, timeout: 600_000 })
}

function copyOf(name: string, change: (sql: string) => string): string {
  const project = join(scratch, name)
  cpSync(projectFolder, project, { recursive: true, filter: (path) => !/\/(target|logs)$/.test(path) })
  for (const file of ['models', 'macros'].flatMap((folder) => sqlIn(join(project, folder))))
    writeFileSync(file, change(readFileSync(file, 'utf8')))
  return project
}

const sqlIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.sql'))
    .map((file) => join(folder, file))

const asTables = (sql: string, goesOn: boolean): string =>
  sql.replace(/materialized\s*=\s*'incremental'/, "materialized='table'").replaceAll('is_incremental()', String(goesOn))

/** The project as it is; with incremental models as tables made from nothing; and with them going on from what stands. */
const copies: readonly (readonly [string, (sql: string) => string])[] = [
  ['as-it-is', (sql) => sql],
  ['from-nothing', (sql) => asTables(sql, false)],
  ['going-on', (sql) => asTables(sql, true)],
]

const offline = ['--no-introspect', '--no-populate-cache', '--exclude', 'config.materialized:incremental']

async function compiles(program: string, target: Target): Promise<void> {
  const models: number[] = []
  for (const [name, change] of copies) {
    const call = { program, target, project: copyOf(`${target}-${name}`, change) }
    if (name === 'as-it-is') await dbt(call, ['parse'])
    await dbt(call, ['compile', ...offline])
    const compiled = join(call.project, target, 'compiled/fairlead')
    const found = sqlIn(compiled).flatMap((file) =>
      foreignWords(readFileSync(file, 'utf8'), target).map((words) => `${file.slice(compiled.length + 1)}: ${words}`),
    )
    assert.deepEqual(found, [], `words of DuckDB alone, ${name}`)
    models.push(sqlIn(join(compiled, 'models')).filter((file) => !file.includes('.yml')).length)
  }
  const [some = 0, ...all] = models
  assert.ok(some > 20 && all.every((count) => count === some + 3), `models compiled: ${models.join(', ')}`)
}

const python = process.env.FAIRLEAD_PYTHON ?? 'python3'

test('the project is parsed and compiled for Snowflake without an account, without a word of DuckDB alone', async () => {
  const { program } = await installDbt(dbtPlaces, { python, signal: AbortSignal.timeout(900_000) })
  await compiles(program, 'snowflake')
})

test('the project is parsed and compiled for Databricks without an account, without a word of DuckDB alone', async () => {
  await compiles(await dbtForDatabricks(dbtPlaces.cacheFolder, python), 'databricks')
})
