/** All that must hold besides the tests: `npm run check`. Every step runs, two at a time; what failed is printed whole, and the exit code is 1. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

interface Step {
  readonly name: string
  readonly command: readonly string[]
  /** The file without which there is nothing to check. */
  readonly needs?: string
}

const steps: readonly Step[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'types of web', command: ['tsc', '-p', 'web'], needs: 'web/tsconfig.json' },
  { name: 'lint and format', command: ['biome', 'ci', '--colors=off'] },
  { name: 'layers', command: ['node', 'scripts/check-layers.ts'] },
  { name: 'unused code', command: ['knip', '--no-progress'] },
  { name: 'generated files', command: ['node', 'scripts/generate.ts', '--check'], needs: 'scripts/generate.ts' },
  { name: 'benchmarks page', command: ['node', 'bench/main.ts', '--check'] },
  { name: 'lockfile', command: ['node', 'scripts/check-lockfile.ts'] },
  { name: 'what the README says', command: ['node', 'scripts/check-readme.ts'] },
]

const mostLines = 80

const root = join(import.meta.dirname, '..')
const path = [join(root, 'node_modules/.bin'), process.env.PATH ?? ''].join(delimiter)

function run({ name, command }: Step): Promise<boolean> {
  const started = performance.now()
  return new Promise((done) => {
    const [program = '', ...argv] = command
    // On Windows what npm links are command files, which only a shell runs.
    const shell = process.platform === 'win32'
    const child = spawn(program, argv, { cwd: root, env: { ...process.env, PATH: path }, shell, timeout: 240_000 })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes))
    child.on('error', (error) => (output += error.message))
    child.on('close', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1)
      console.log(`${code === 0 ? 'ok  ' : 'BAD '}  ${name} (${seconds} s)`)
      if (code !== 0) console.log(`${shown(output)}\n      Again alone: npx ${command.join(' ')}`)
      done(code === 0)
    })
  })
}

/** The beginning, where the first cause stands; a thousand lines of the same help nobody. */
function shown(output: string): string {
  const lines = output.trimEnd().split('\n')
  const rest = lines.length > mostLines ? [`… and ${lines.length - mostLines} lines more`] : []
  return [...lines.slice(0, mostLines), ...rest].map((line) => `      ${line}`).join('\n')
}

const queue = steps.filter(({ needs }) => needs === undefined || existsSync(join(root, needs)))
const passed: boolean[] = []
async function work(): Promise<void> {
  for (let step = queue.shift(); step !== undefined; step = queue.shift()) passed.push(await run(step))
}
await Promise.all([work(), work()])
if (passed.includes(false)) process.exitCode = 1
