/**
 * What a commit costs at the end of many, ours (`commit-many.ts`) and delta-rs one after the other: `node bench/commits.ts [COMMITS]`. delta-rs is stopped after
 * five minutes, wherever it is by then; its figures are of its own first and last thousand. It needs what `test/platform/delta-rs.stack.ts` needs.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pythonWithDeltaRs } from '../test/platform/python.ts'
import type { Row } from './result.ts'
import { tell } from './result.ts'
import { measured, versions } from './stack.ts'

const commits = Number(process.argv[2] ?? 20_000)
const window = Math.min(1000, Math.floor(commits / 4))
const mostS = 300
const python = pythonWithDeltaRs()

function run(command: readonly string[]) {
  const [program = '', ...argv] = measured(command)
  const ran = spawnSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const line = ran.stdout.split('\n').findLast((each) => each.startsWith('{'))
  if (ran.status !== 0 || line === undefined) throw new Error(`${command.join(' ')} failed: ${ran.stdout}`)
  console.error(ran.stdout)
  return JSON.parse(line)
}

function rowsOf(who: string, { commit, open }: { commit: [number, number]; open: [number, number] }): Row[] {
  return Object.entries({ 'a commit': commit, 'a table newly opened': open }).map(([name, [firstMs, lastMs]]) => ({
    name: `${who}: ${name}`,
    figures: { firstMs, lastMs, ratio: lastMs / firstMs },
  }))
}

const many = join(import.meta.dirname, 'commit-many.ts')
const ours = run([process.execPath, many, String(commits), ...(python === undefined ? [] : [python])])
const rows: Row[] = [...rowsOf('Fairlead', ours), { name: 'Fairlead: the process', figures: { rssMb: ours.rssMb } }]
if (ours.readRows !== undefined) rows.push({ name: 'Fairlead’s, read by delta-rs', figures: { n: ours.readRows } })
if (python !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-commits-'))
  try {
    const script = join(import.meta.dirname, 'commits.py')
    const theirs = run([python, script, join(folder, 't'), ...[commits, window, mostS].map(String)])
    const who = `delta-rs, ${theirs.commits.toLocaleString('en')} commits`
    rows.push(...rowsOf(who, theirs), { name: `${who}: the process`, figures: { rssMb: theirs.rssMb } })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
tell({ rows, settings: { commits, recordsACommit: 20 }, versions: { deltalake: versions.deltalake } })
