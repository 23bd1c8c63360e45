import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { Fault } from '#port'
import type { DbtPlaces, DbtProgram } from './find.ts'
import { findDbt, requirementsFile, venvFolder, venvMark, venvProgram } from './find.ts'

const longestMs = 600_000

/**
 * Installs dbt with its adapters for DuckDB and Snowflake, in pinned versions, and answers what was installed; at once where it stands already.
 * Faults: `model/dbt-install`.
 */
export async function installDbt(
  places: Omit<DbtPlaces, 'program'>,
  { python, signal }: { readonly python: string; readonly signal: AbortSignal },
): Promise<DbtProgram> {
  const folder = venvFolder(places.cacheFolder)
  const pip = venvProgram(folder, 'python')
  const known = await findDbt({ ...places, path: '' }).catch(() => undefined)
  if (known !== undefined) return known
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(dirname(folder), { recursive: true })
  await run(python, ['-m', 'venv', folder], signal)
  // Without dependencies: dbt-core asks for a parser whose package fetches a binary from elsewhere, and runs without it.
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']
  await run(pip, [...install, '-r', requirementsFile], signal)
  writeFileSync(venvMark(folder), '')
  return findDbt({ ...places, path: '' })
}

async function run(program: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)(program, args, { signal, timeout: longestMs, maxBuffer: 16 * 1024 * 1024 })
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    const last = said.split('\n').at(-1) ?? ''
    throw new Fault(
      'model/dbt-install',
      `dbt could not be installed: ${program} ${args.slice(0, 3).join(' ')}: ${last}`,
      {
        mend: 'It needs Python 3.10 or newer with venv and pip, 300 MB of disk and the package index; then try again.',
        cause,
        facts: { program },
      },
    )
  }
}
