import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import { Fault } from '#port'

/** dbt's own program and what it is made of. */
export interface DbtProgram {
  /** Absolute. */
  readonly program: string
  readonly core: string
  readonly duckdbAdapter: string
  readonly duckdb: string
}

export interface DbtPlaces {
  /** As configured; nothing else is looked at then. */
  readonly program?: string | undefined
  /** Folder under which dbt is installed for Fairlead. */
  readonly cacheFolder: string
  /** Where programs are looked for, as the environment has it. */
  readonly path: string
}

/** Databases of a newer DuckDB are not read by the engine; this is the one it embeds. */
const duckdbVersion = '1.5'

export const requirementsFile = join(import.meta.dirname, 'requirements.txt')

const isWindows = process.platform === 'win32'
const binFolder = isWindows ? 'Scripts' : 'bin'
const exeName = (name: string): string => (isWindows ? `${name}.exe` : name)

/** The folder of dbt's environment. It changes with what is pinned, so that an old one is never taken for a new one. */
export function venvFolder(cacheFolder: string): string {
  const pinned = createHash('sha256').update(readFileSync(requirementsFile)).digest('hex').slice(0, 12)
  return join(cacheFolder, `dbt-${pinned}`)
}

export const venvProgram = (folder: string, name: string): string => join(folder, binFolder, exeName(name))

/** Written last, so that an installation that was cut short is not taken for a whole one. */
export const venvMark = (folder: string): string => join(folder, '.complete')

/** Finds dbt-core 1 with its DuckDB adapter. Faults: `model/dbt-missing`, `model/dbt-unfit`. */
export async function findDbt(places: DbtPlaces): Promise<DbtProgram> {
  const venv = venvFolder(places.cacheFolder)
  const candidates =
    places.program !== undefined
      ? [places.program]
      : [...(existsSync(venvMark(venv)) ? [venvProgram(venv, 'dbt')] : []), ...onPath('dbt', places.path)]
  const [program] = candidates.filter(existsSync)
  if (program === undefined) {
    throw new Fault('model/dbt-missing', `dbt is not installed${places.program ? ` at ${places.program}` : ''}.`, {
      mend: 'Run fairlead doctor --fix dbt, which installs it into an environment of its own; it needs Python 3.10 or newer.',
    })
  }
  return fit(program)
}

function onPath(name: string, path: string): readonly string[] {
  return path
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, exeName(name)))
}

async function fit(program: string): Promise<DbtProgram> {
  const versions = await versionsOf(program)
  const [core = 'none', duckdbAdapter = 'none', duckdb = 'none'] = versions
  const good = /^1\.(1\d|\d\d\d)\./.test(core) && duckdbAdapter !== 'none' && duckdb.startsWith(`${duckdbVersion}.`)
  if (good) return { program, core, duckdbAdapter, duckdb }
  throw new Fault(
    'model/dbt-unfit',
    `${program} is dbt-core ${core} with dbt-duckdb ${duckdbAdapter} and duckdb ${duckdb}.`,
    {
      mend: `Fairlead runs dbt-core 1.10 or newer of version 1, with dbt-duckdb and duckdb ${duckdbVersion}: fairlead doctor --fix dbt installs them.`,
      facts: { program, core, duckdb },
    },
  )
}

const askVersions = `
import importlib.metadata as m
for name in ("dbt-core", "dbt-duckdb", "duckdb"):
    try: print(m.version(name))
    except m.PackageNotFoundError: print("none")
`

/** Asked of the Python that the program names in its first line, since dbt's own answer asks a registry first. */
async function versionsOf(program: string): Promise<readonly string[]> {
  const python = pythonOf(program)
  if (python === undefined) return []
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', askVersions], { timeout: 60_000 })
    return stdout.trim().split(/\r?\n/)
  } catch {
    return [] // a program whose Python does not answer is as unfit as one of the wrong version
  }
}

function pythonOf(program: string): string | undefined {
  const beside = join(program, '..', exeName('python'))
  if (existsSync(beside)) return beside
  return /^#!\s*(\S+)/.exec(readFileSync(program, 'latin1').slice(0, 1000))?.[1]
}
