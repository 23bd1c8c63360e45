import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { installDbt } from '#model'
import { dbtPlaces } from '../model/dbt.ts'
import { projectFolder } from './project.ts'

// Nothing answers at these accounts: what is asked is whether dbt reads the project and makes SQL of it for that engine. Incremental models ask the engine
// whether they stand, so that they cannot be compiled without one; they are parsed.

const scratch = mkdtempSync(join(tmpdir(), 'fairlead-targets-'))
after(() => rmSync(scratch, { recursive: true, force: true }))
const project = join(scratch, 'dbt')
cpSync(projectFolder, project, { recursive: true, filter: (path) => !/\/(target|logs)$/.test(path) })

async function dbt(program: string, target: string, command: readonly string[]): Promise<void> {
  const folders = ['--project-dir', project, '--profiles-dir', project, '--target-path', join(scratch, target)]
  const env = { ...process.env, FAIRLEAD_DBT_TARGET: target, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false' }
  await promisify(execFile)(program, [...command, ...folders, '--log-path', scratch], { env, timeout: 600_000 })
}

const offline = ['--no-introspect', '--no-populate-cache', '--exclude', 'config.materialized:incremental']

async function compiles(program: string, target: string): Promise<void> {
  await dbt(program, target, ['parse'])
  await dbt(program, target, ['compile', ...offline])
  const made = readdirSync(join(scratch, target, 'compiled/fairlead/models/gold'))
  assert.ok(made.includes('climate_vulnerability.sql') && made.includes('district_summary.sql'), made.join(', '))
}

test('the project is parsed and compiled for Snowflake without an account', async () => {
  const how = { python: process.env.FAIRLEAD_PYTHON ?? 'python3', signal: AbortSignal.timeout(900_000) }
  await compiles((await installDbt(dbtPlaces, how)).program, 'snowflake')
})

const databricks = process.env.FAIRLEAD_DBT_DATABRICKS
const without =
  databricks === undefined ? 'FAIRLEAD_DBT_DATABRICKS names no dbt with the adapter for Databricks' : false

test('the project is parsed and compiled for Databricks without an account', { skip: without }, () =>
  compiles(databricks ?? '', 'databricks'),
)
