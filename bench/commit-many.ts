/**
 * Many commits to one table, each with one small file and a txn, while another thread compacts, checkpoints, cleans and vacuums as a stream's does:
 * `node bench/commit-many.ts [COMMITS] [PYTHON]`. Prints medians of the first and the last thousand, a restart, memory; with a Python that has deltalake,
 * what delta-rs reads. The retentions are as short as the bench, so that what is old by its end is gone by its end. The last thousand are made in turn with
 * the first thousand of another table, so that whatever else the machine does slows both alike.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Table } from '#lake'
import { writeParquet } from '#parquet'
import { bronzeColumns } from '#pipeline'
import type { PlatformEvent } from '#port'
import { noFailpoint } from '#port'
import { openLake } from '../src/platform/lake.ts'
import { maintainInThread } from '../src/platform/maintain.ts'

const [commitsText = '20000', python] = process.argv.slice(2)
const commits = Number(commitsText)
const window = Math.min(1000, Math.floor(commits / 4))
const rowsPerCommit = 20
const root = 'bronze/bench'
/** A table that has its first thousand commits while the other has its last. */
const young = 'bronze/young'
const configuration = {
  'delta.checkpointInterval': '100',
  'delta.deletedFileRetentionDuration': 'interval 20 seconds',
  'delta.logRetentionDuration': 'interval 20 seconds',
}

const folder = mkdtempSync(join(tmpdir(), 'fairlead-commits-'))
const deeds = new Map<string, number>()
const faults: string[] = []
const report = (event: PlatformEvent) => {
  if (event.kind === 'lake/maintained') deeds.set(event.deed, (deeds.get(event.deed) ?? 0) + 1)
  if (event.kind === 'fault') faults.push(event.fault.message)
}
const lakeEffects = { report, failpoint: noFailpoint }
const value = (offset: number) => JSON.stringify({ id: offset, answer: 'x'.repeat(offset % 90), season: 2025 })

function batch(commit: number): Uint8Array {
  const offsets = Array.from({ length: rowsPerCommit }, (_, i) => commit * rowsPerCommit + i)
  return writeParquet(
    bronzeColumns,
    [
      { constant: 'bench' },
      { constant: 'topic' },
      { constant: 0 },
      offsets,
      { constant: 1_700_000_000_000_000 + commit },
      { constant: 'create_time' },
      offsets.map((offset) => `k${offset}`),
      offsets.map(value),
      { constant: null },
      { constant: 1_700_000_000_000_000 + commit },
    ],
    rowsPerCommit,
  )
}

/** Lands one batch where the table stands at its start, as a stream does; answers how long the commit took. */
async function land(table: Table, n: number): Promise<number> {
  const file = await table.writeFile(batch(n))
  const before = performance.now()
  await table.commit({
    operation: 'STREAMING UPDATE',
    blindAppend: false,
    stage: (newest) => {
      if ((newest?.txns.get('land') ?? 0) !== n * rowsPerCommit) throw new Error(`not at ${n}`)
      const made = newest === undefined ? { columns: bronzeColumns, configuration } : {}
      return { ...made, add: [file], remove: [], txns: [{ appId: 'land', version: (n + 1) * rowsPerCommit }] }
    },
  })
  return performance.now() - before
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const p99 = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN

try {
  const stop = new AbortController()
  const maintaining = maintainInThread(
    {
      lake: folder,
      tables: [root, young].map((each) => ({ root: each, compact: true })),
      everyMs: 1000,
      engine: { memoryMb: 256 },
    },
    { report, signal: stop.signal },
  )
  const lake = await openLake(folder, lakeEffects)
  const table = lake.table(root)
  const commitMs: number[] = []
  const lookMs: number[] = []
  const openMs: number[] = []
  const files: number[] = []
  let rss = 0
  const startedMs = performance.now()
  const youngTable = lake.table(young)
  const pairs = {
    old: { commit: [] as number[], open: [] as number[] },
    young: { commit: [] as number[], open: [] as number[] },
  }
  /** As another process would. */
  const openAnew = async (name: string): Promise<number> => {
    const open = performance.now()
    await (await openLake(folder, lakeEffects)).table(name).snapshot()
    return performance.now() - open
  }
  for (let n = 0; n < commits; n += 1) {
    const inTurn = n - (commits - window)
    const tookMs = await land(table, n)
    commitMs.push(tookMs)
    if (inTurn >= 0) {
      pairs.old.commit.push(tookMs)
      pairs.young.commit.push(await land(youngTable, inTurn))
    }
    const look = performance.now()
    const snapshot = await table.snapshot()
    lookMs.push(performance.now() - look)
    // Not in step with the checkpoints, so that tails of every length are met.
    if (n % 20 === 19 - (Math.floor(n / 100) % 20)) {
      files.push(snapshot?.files.length ?? 0)
      // Who comes first waits for what the commits left behind, so each does so every other time.
      const youngFirst = openMs.length % 2 === 0
      if (inTurn >= 0 && youngFirst) pairs.young.open.push(await openAnew(young))
      const openedMs = await openAnew(root)
      openMs.push(openedMs)
      if (inTurn >= 0) pairs.old.open.push(openedMs)
      if (inTurn >= 0 && !youngFirst) pairs.young.open.push(await openAnew(young))
      rss = Math.max(rss, process.memoryUsage.rss())
    }
    if (n % 1000 === 999) {
      const log = readdirSync(join(folder, root, '_delta_log')).length
      console.error(
        `${n + 1} commits in ${((performance.now() - startedMs) / 1000).toFixed(0)} s; this thousand: commit ${median(commitMs.slice(-1000)).toFixed(1)} ms, open ${median(openMs.slice(-50)).toFixed(1)} ms; ${files.at(-1)} files, ${log} in the log, RSS ${(process.memoryUsage.rss() / 2 ** 20).toFixed(0)} MB`,
      )
    }
  }
  await lake.settled()
  const tookS = (performance.now() - startedMs) / 1000

  const restart = performance.now()
  const again = (await openLake(folder, lakeEffects)).table(root)
  await land(again, commits)
  const restartMs = performance.now() - restart
  await again.settled()

  stop.abort()
  await maintaining

  const row = (name: string, values: readonly number[], size: number) => {
    const [first, last] = [values.slice(0, size), values.slice(-size)]
    console.log(
      `${name.padEnd(22)} first ${median(first).toFixed(2)} ms, last ${median(last).toFixed(2)} ms, ratio ${(median(last) / median(first)).toFixed(2)}; p99 ${p99(first).toFixed(1)} and ${p99(last).toFixed(1)} ms`,
    )
  }
  console.log(`${commits} commits in ${tookS.toFixed(0)} s; medians of the first and last ${window}`)
  row('commit', commitMs, window)
  row('snapshot, same process', lookMs, window)
  row('snapshot, newly opened', openMs, Math.floor(window / 20))
  for (const what of ['commit', 'open'] as const) {
    const [was, is] = [median(pairs.young[what]), median(pairs.old[what])]
    console.log(
      `${what}, in turn with the first ${window} of another table: ${was.toFixed(2)} ms there, ${is.toFixed(2)} ms here, ratio ${(is / was).toFixed(2)}`,
    )
  }
  console.log(
    `restart to first new commit ${restartMs.toFixed(0)} ms; most memory ${(rss / 2 ** 20).toFixed(0)} MB RSS`,
  )
  const snapshot = await again.snapshot()
  const onDisk = readdirSync(join(folder, root)).length - 1
  const log = readdirSync(join(folder, root, '_delta_log')).length
  console.log(
    `version ${snapshot?.version}, ${snapshot?.files.length} files (${onDisk} on disk, ${log} in the log); ${[...deeds].map(([deed, times]) => `${deed} ${times}`).join(', ')}`,
  )
  for (const fault of new Set(faults)) console.log(`fault: ${fault}`)
  const read = python === undefined ? undefined : deltaRs(python)
  if (read !== undefined) console.log(read)
  const readRows = /rows (\d+) distinct \1 /.exec(read ?? '')?.[1]
  if (python !== undefined && readRows === undefined) throw new Error('delta-rs does not read each record once.')
  const both = (what: 'commit' | 'open') => [median(pairs.young[what]), median(pairs.old[what])]
  console.log(JSON.stringify({ commit: both('commit'), open: both('open'), rssMb: rss / 2 ** 20, readRows }))
  await sleep(0)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Rows, distinct offsets and their sum, as an implementation that shares nothing with ours has them. */
function deltaRs(bin: string): string {
  const script = `
import sys, deltalake, pyarrow.compute as pc
t = deltalake.DeltaTable(sys.argv[1])
rows = t.to_pyarrow_dataset().to_table(columns=['offset', 'value'])
offsets = rows['offset']
print('delta-rs', t.version(), 'rows', rows.num_rows, 'distinct', pc.count_distinct(offsets).as_py(), 'min', pc.min(offsets).as_py(), 'max', pc.max(offsets).as_py(), 'txn', t.transaction_version('land'))
`
  const ran = spawnSync(bin, ['-c', script, join(folder, root)], { encoding: 'utf8' })
  return ran.status === 0 ? ran.stdout.trim() : `delta-rs failed: ${ran.stderr}`
}
