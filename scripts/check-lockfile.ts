/**
 * `npm ci` refuses a lockfile that lacks an optional package of some other machine, and a registry that does not have it
 * makes `npm install` leave it out. Exit code 1 where one is missing; `--write` puts in what its parent says of it:
 * the exact version and, from its name, the machine. npm then passes it over wherever it does not fit.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Entry {
  readonly version?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

const path = join(
  process.argv.slice(2).find((word) => !word.startsWith('--')) ?? join(import.meta.dirname, '..'),
  'package-lock.json',
)
const lock: { packages: Record<string, Entry> } = JSON.parse(readFileSync(path, 'utf8'))
const missing = new Map<string, string>()
for (const [parent, { optionalDependencies }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
    if (!isThere(parent, name)) missing.set(`node_modules/${name}`, version)
  }
}
if (process.argv.includes('--write')) write()
else if (missing.size > 0) {
  const names = [...missing.keys()].map((key) => key.replace('node_modules/', '')).join(', ')
  console.error(`package-lock.json lacks packages for other machines: ${names}`)
  console.error('  Put them in: node scripts/check-lockfile.ts --write')
  process.exitCode = 1
} else console.log('lockfile: packages for every machine are named')

/** As Node looks it up: beside the parent, then further out. */
function isThere(parent: string, name: string): boolean {
  for (let from = parent; ; from = from.slice(0, Math.max(0, from.lastIndexOf('node_modules/') - 1))) {
    if (`${from === '' ? '' : `${from}/`}node_modules/${name}` in lock.packages) return true
    if (from === '') return false
  }
}

function write(): void {
  for (const [key, version] of missing) {
    if (!/^[0-9]/.test(version)) throw new Error(`${key} is wanted as ${version}: only an exact version can be put in.`)
    lock.packages[key] = { version, ...machineOf(key), optional: true }
  }
  const order = ([left]: [string, Entry], [right]: [string, Entry]) => left.localeCompare(right, 'en')
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(order))
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  console.log(`lockfile: ${missing.size} packages for other machines put in`)
}

/** Platform packages carry their machine at the end of their name. */
function machineOf(key: string): { os: string[]; cpu: string[] } {
  const words = key.split(/[-/]/)
  const os = words.find((word) => /^(android|darwin|freebsd|linux|openharmony|win32)$/.test(word))
  const cpu = words.find((word) => /^(arm|arm64|ia32|ppc64|riscv64|s390x|x64)$/.test(word))
  if (os === undefined || cpu === undefined) throw new Error(`${key} does not name its machine.`)
  return { os: [os], cpu: [cpu] }
}
