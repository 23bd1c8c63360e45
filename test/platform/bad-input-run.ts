/** Bad input through a real process, and what became of it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { embeddedLog, machineId } from '#log'
import type { NewRecord } from '#port'
import { badRecord, kindSql, kinds, partitions } from './bad-input.ts'
import { asking } from './stream-truth.ts'

const checkout = join(import.meta.dirname, '../..')
const dataset = 'survey_live'
const topic = 'school_climate_stream'
/** What the process may take for SQL and above which it commits; with what Node and the largest values take besides, the bound. */
const memory = { engineMb: 512, streamMb: 512, besidesMb: 512 }
export const boundMb = memory.engineMb + memory.streamMb + memory.besidesMb
const batchBytes = 4_000_000
/** An entry of the log of a table is read whole by every reader. */
const mostEntryBytes = 100_000

export interface Counts {
  readonly landed: number
  readonly silver: number
  readonly quarantined: number
  readonly duplicates: number
  readonly superseded: number
}

export async function sendBad(folder: string, records: number, seed: number): Promise<string> {
  const log = await embeddedLog(
    { file: join(folder, 'log.sqlite'), keepHours: 168, maxMb: 16_384 },
    { nowMs: Date.now, newId: randomUUID, report: () => {}, machineId },
  )
  try {
    const { id, ...made } = await log.createTopic(topic, partitions)
    let batch: NewRecord[] = []
    let bytes = 0
    for (let at = 0; at < records; at += 1) {
      const record = badRecord(at, seed)
      batch.push(record)
      bytes += 100 + (record.value?.length ?? 0)
      if (bytes < batchBytes && at < records - 1) continue
      await log.append({ id, ...made }, batch)
      batch = []
      bytes = 0
    }
    return id
  } finally {
    await log.close()
  }
}

/** `stream consume --once`; the most memory that it ever held is undefined where the system does not say. */
export async function consumeBad(
  lake: string,
  log: string,
): Promise<{ readonly counts: Counts; readonly mostMb: number | undefined }> {
  const child = spawn(
    process.execPath,
    ['bin/fairlead.mjs', 'stream', 'consume', '--once', '--json', '--lake', lake, '--log', log],
    {
      cwd: checkout,
      env: {
        ...process.env,
        FAIRLEAD_ENGINE_MEMORY_MB: String(memory.engineMb),
        FAIRLEAD_STREAM_MEMORY_MB: String(memory.streamMb),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  let mostMb: number | undefined
  const watch = setInterval(() => {
    mostMb = mostMbOf(child.pid) ?? mostMb
  }, 20)
  const code = await new Promise((resolve) => child.on('close', resolve))
  clearInterval(watch)
  assert.equal(code, 0, stderr.slice(-4_000))
  return { counts: JSON.parse(stdout).datasets[dataset], mostMb }
}

function mostMbOf(pid: number | undefined): number | undefined {
  try {
    const [, kb] = /^VmHWM:\s+([0-9]+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kb === undefined ? undefined : Number(kb) / 1024
  } catch {
    return undefined // no such system, or the process has just ended
  }
}

/** Every record in Bronze once and in one place, each kind where it is due, the ledger right, and no entry of a table's log swollen by what was sent. */
export async function checkBad(lake: string, source: string, records: number, counts: Counts): Promise<void> {
  const ask = asking(lake)
  const one = async (sql: string) => ((await ask(sql))[0] ?? []).map(Number)
  const offsets = 'count(*), count(DISTINCT ("partition", "offset"))'
  assert.deepEqual(await one(`SELECT ${offsets} FROM bronze.${dataset} WHERE source = '${source}'`), [records, records])
  const places = `(SELECT "partition", "offset", 'silver' AS place FROM silver.${dataset}
    UNION ALL SELECT "partition", "offset", rule FROM silver.quarantine WHERE dataset = '${dataset}'
    UNION ALL SELECT "partition", "offset", 'displaced' FROM silver.displaced WHERE dataset = '${dataset}')`
  assert.deepEqual(await one(`SELECT ${offsets} FROM ${places}`), [records, records])
  const { landed, silver, quarantined, duplicates, superseded } = counts
  assert.deepEqual([landed, silver + quarantined + duplicates + superseded], [records, records])

  const found = await ask(`SELECT ${kindSql}, place, count(*) FROM ${places} GROUP BY ALL ORDER BY ALL`)
  const strayed = found.flatMap(([at, isVast, place, count]) => {
    const { name, vast, ...usual } = kinds[Number(at)] ?? { name: 'none', due: 'silver' }
    const due = isVast === true && vast !== undefined ? vast : usual.due
    const isDue =
      typeof due === 'object'
        ? place === due.rule
        : due === 'quarantine'
          ? place !== 'silver' && place !== 'displaced'
          : place === due
    return isDue ? [] : [`${name}: ${count} in ${place}`]
  })
  assert.deepEqual(strayed, [])
  const swollen = readdirSync(lake, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.json') && statSync(join(lake, path)).size > mostEntryBytes,
  )
  assert.deepEqual(swollen, [])
}
