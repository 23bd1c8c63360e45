/**
 * The main job against its floor, in pairs, so that a busy machine slows both alike: `node bench/main-job.ts DIR [ROUNDS]`.
 * Prints medians and spread of wall and CPU seconds, the ratio, and what a second run with nothing new costs.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tell, versionOf } from './result.ts'

const [folder, roundsText = '5'] = process.argv.slice(2)
if (folder === undefined) throw new Error('Usage: node bench/main-job.ts DIR [ROUNDS]')
const checkout = join(import.meta.dirname, '..')

interface Taken {
  readonly wallS: number
  readonly cpuS: number
}

function time(command: readonly string[]): Taken {
  const timed = spawnSync('bash', ['-c', 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1', 'time', ...command], {
    cwd: checkout,
    encoding: 'utf8',
  })
  const [wall, user, system] = timed.stderr.trim().split(/\s+/).slice(-3).map(Number)
  if (timed.status !== 0 || wall === undefined || user === undefined || system === undefined) {
    throw new Error(`${command.join(' ')} failed: ${timed.stderr}`)
  }
  return { wallS: wall, cpuS: user + system }
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b)
  return `${median(values).toFixed(2)} (${sorted[0]?.toFixed(2)}…${sorted.at(-1)?.toFixed(2)})`
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function logFiles(lake: string): string {
  return readdirSync(lake, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.includes('_delta_log'))
    .sort()
    .join('\n')
}

const floor: Taken[] = []
const first: Taken[] = []
const again: Taken[] = []
let quiet = true
// What the first call compiles or caches is not what is measured.
time(['npx', 'fairlead', '--version'])
for (let round = 0; round < Number(roundsText); round += 1) {
  const lake = mkdtempSync(join(tmpdir(), 'fairlead-bench-'))
  try {
    const run = ['npx', 'fairlead', 'run', '--from', folder, '--lake', lake]
    floor.push(time([process.execPath, 'bench/floor.ts', folder]))
    first.push(time(run))
    const before = logFiles(lake)
    again.push(time(run))
    quiet &&= before === logFiles(lake)
  } finally {
    rmSync(lake, { recursive: true, force: true })
  }
}
const walls = (taken: readonly Taken[]) => taken.map(({ wallS }) => wallS)
const cpus = (taken: readonly Taken[]) => taken.map(({ cpuS }) => cpuS)
console.log(`floor       wall s ${spread(walls(floor))}   CPU s ${spread(cpus(floor))}`)
console.log(`first run   wall s ${spread(walls(first))}   CPU s ${spread(cpus(first))}`)
console.log(`second run  wall s ${spread(walls(again))}   CPU s ${spread(cpus(again))}   same log listing: ${quiet}`)
console.log(
  `first run / floor, by pair: ${spread(first.map(({ wallS }, i) => wallS / (floor[i]?.wallS ?? Number.NaN)))}`,
)
const figures = (taken: readonly Taken[]) => ({ wallS: walls(taken), cpuS: cpus(taken) })
tell({
  rows: [
    { name: 'floor', figures: figures(floor) },
    {
      name: 'first run',
      figures: { ...figures(first), toFloor: first.map(({ wallS }, i) => wallS / (floor[i]?.wallS ?? Number.NaN)) },
    },
    { name: 'again, with nothing new', figures: figures(again) },
  ],
  settings: { rounds: Number(roundsText) },
  versions: { DuckDB: versionOf('@duckdb/node-api') },
})
