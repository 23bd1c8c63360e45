/**
 * `npm run bench -- [NAME …]`: runs the benches that are named, all without a name, keeps what each found in `bench/results/`, and writes `docs/benchmarks.md` from
 * what is kept, of whatever day. `--report` only writes, `--check` says whether what is written is what is kept. What Kafka's need beside them: `stack.ts`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { report } from './report.ts'
import type { Kept } from './result.ts'
import { machine, resultIn } from './result.ts'

const root = join(import.meta.dirname, '..')
const results = join(import.meta.dirname, 'results')
const page = join(root, 'docs/benchmarks.md')
const shared = process.env.FAIRLEAD_SHARED ?? join(root, '../shared')

/** Script and arguments of each. */
const benches: Readonly<Record<string, readonly string[]>> = {
  kafka: ['kafka.ts', 'compressible'],
  'kafka-random': ['kafka.ts', 'random'],
  'kafka-silver': ['kafka.ts', 'compressible', '5000000', '3', 'silver'],
  fresh: ['fresh.ts'],
  memory: ['memory.ts'],
  commits: ['commits.ts', '20000'],
  model: ['model.ts', 'sample'],
  'model-many': ['model.ts', 'many', '3'],
  'main-job': ['main-job.ts', join(shared, 'data'), '5'],
  live: ['live.ts', '500', '60'],
  gather: ['gather.ts'],
  log: ['log.ts'],
}

const asked = process.argv.slice(2)
const flags = asked.filter((each) => each.startsWith('--'))
const names = asked.filter((each) => !each.startsWith('--'))
const unknown = [
  ...names.filter((name) => !(name in benches)),
  ...flags.filter((each) => each !== '--report' && each !== '--check'),
]
if (unknown.length > 0)
  throw new Error(`No bench is named ${unknown.join(', ')}: there are ${Object.keys(benches).join(', ')}.`)
if (flags.length === 0) for (const name of names.length > 0 ? names : Object.keys(benches)) await measure(name)

const text = report(readFileSync(join(import.meta.dirname, 'benchmarks.template.md'), 'utf8'), keptResults())
if (!flags.includes('--check')) writeFileSync(page, text)
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/benchmarks.md is not what bench/results/ and its template say: run npm run bench -- --report')
  process.exitCode = 1
}

async function measure(name: string): Promise<void> {
  const [script = '', ...argv] = benches[name] ?? []
  console.error(`== ${name}`)
  const child = spawn(process.execPath, [join(import.meta.dirname, script), ...argv], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    printed += piece
    process.stderr.write(piece)
  })
  const [code] = await once(child, 'close')
  const result = resultIn(printed)
  if (code !== 0 || result === undefined)
    throw new Error(`${name} ended with ${code} and ${result ? 'a' : 'no'} result.`)
  const on = new Date().toISOString().slice(0, 10)
  const kept: Kept = { on, command: `npm run bench -- ${name}`, machine: machine(), ...result }
  writeFileSync(join(results, `${name}.json`), `${JSON.stringify(kept, undefined, 2)}\n`)
}

function keptResults(): ReadonlyMap<string, Kept> {
  const files = readdirSync(results).filter((file) => file.endsWith('.json'))
  return new Map(files.map((file) => [basename(file, '.json'), JSON.parse(readFileSync(join(results, file), 'utf8'))]))
}
