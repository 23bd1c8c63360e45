import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * A Python that has delta-rs, which shares no code with us; made where there is none yet, in `FAIRLEAD_STACK_CACHE` (default `~/.cache/fairlead-stack`).
 * Undefined: no Python 3 here, or no package registry.
 */
export function pythonWithDeltaRs(): string | undefined {
  const packages = ['deltalake==1.6.6', 'pyarrow', 'pytz', 'duckdb==1.5.6']
  return pythonWith({ folder: 'delta-rs', packages, imports: 'deltalake, duckdb, pyarrow' })
}

/** The same with the client of OpenLineage. */
export function pythonWithOpenLineage(): string | undefined {
  const packages = ['openlineage-python==1.54.0']
  return pythonWith({ folder: 'openlineage-1.54.0', packages, imports: 'openlineage.client' })
}

interface Wanted {
  readonly folder: string
  readonly packages: readonly string[]
  readonly imports: string
}

function pythonWith({ folder, packages, imports }: Wanted): string | undefined {
  if (spawnSync('python3', ['--version']).status !== 0) return undefined
  const cache = process.env.FAIRLEAD_STACK_CACHE ?? join(homedir(), '.cache/fairlead-stack')
  const venv = join(cache, folder)
  const bin = join(venv, 'bin/python')
  const ready = () => existsSync(bin) && spawnSync(bin, ['-c', `import ${imports}`]).status === 0
  if (ready()) return bin
  spawnSync('python3', ['-m', 'venv', venv])
  spawnSync(bin, ['-m', 'pip', 'install', '--quiet', ...packages], { timeout: 300_000 })
  return ready() ? bin : undefined
}
