import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const own = join(import.meta.dirname, '../../src/model/dbt/requirements.txt')
const more = join(import.meta.dirname, 'databricks.requirements.txt')

/**
 * dbt with the adapter for Databricks, in an environment of its own, installed the first time. Without dependencies, as the product installs dbt; the adapter's
 * package asks for dbt-core before 1.12.6 and reads and compiles this project with 1.12.6.
 */
export async function dbtForDatabricks(cacheFolder: string, python: string): Promise<string> {
  const pinned = createHash('sha256').update(readFileSync(own)).update(readFileSync(more)).digest('hex').slice(0, 12)
  const folder = join(cacheFolder, `dbt-databricks-${pinned}`)
  const mark = join(folder, '.complete')
  const program = join(folder, 'bin', 'dbt')
  if (existsSync(mark)) return program
  rmSync(folder, { recursive: true, force: true })
  const run = promisify(execFile)
  await run(python, ['-m', 'venv', folder], { timeout: 120_000 })
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps']
  await run(join(folder, 'bin', 'python'), [...install, '-r', own, '-r', more], { timeout: 900_000 })
  writeFileSync(mark, '')
  return program
}
