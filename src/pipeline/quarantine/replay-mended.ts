import type { Contract } from '#contract'
import { fingerprint } from '#contract'
import type { Snapshot } from '#lake'
import { writeParquet } from '#parquet'
import { Fault } from '#port'
import { cleanDataset } from '../clean.ts'
import { readLayouts } from '../clean-binding.ts'
import { filesThatMayHold, soughtTexts } from '../clean-bounds.ts'
import { sourcesOfFiles } from '../clean-standing.ts'
import type { CleanEffects, Work } from '../clean-work.ts'
import { coordinates } from '../clean-work.ts'
import { attachFiles } from '../exchange.ts'
import { bronzeColumns, bronzeTxn } from '../land/index.ts'
import type { RejectedAgain } from './desk.ts'
import { atDesk, contended, judge, locate, recallRecords, rounds } from './desk.ts'
import { replayOf, replaysIn, replayTxn } from './mark.ts'
import type { Mended, MendedLine, Original } from './mended.ts'
import { mend, mendedHash, originHeader, replayId } from './mended.ts'
import { readRecordId, recordId } from './record.ts'
import { attachRejected } from './rejected.ts'
import type { DatasetReplay } from './replay.ts'
import { bytesOfCell, headersOfCell } from './show.ts'

/** Under which mended records stand in Bronze; the ledger has it for the name of a replay. */
const replayTopic = 'quarantine-replay'

/**
 * Lands mended records as records of a source of their own, whose id is a hash of what they are, and cleans the dataset. One commit brings the rows and says
 * that the replay is in; it is made only where no other replay came in since it was looked which of the records are in already.
 * A mended record has its original's time, so that it takes the place among the records of its key that the original would have had.
 * Faults: `quarantine/not-there`, `quarantine/whole-file`, those of cleaning.
 */
export async function replayMended(
  contract: Contract,
  lines: readonly MendedLine[],
  { dryRun }: { readonly dryRun: boolean },
  effects: CleanEffects,
): Promise<DatasetReplay> {
  const print = fingerprint(contract)
  const { table } = effects
  // So that a record which the contract takes by now is known for one.
  if (!dryRun) await cleanDataset(contract, effects)
  return atDesk(contract, effects, async (desk) => {
    const file = await table('bronze/file').snapshot()
    const originals = await findOriginals(desk, lines, file)
    const given = lines.map((line) => mend(line, originals(line)))
    const mended = inOrder(given.filter((each) => each !== undefined))
    const about = { dataset: contract.name, contract: print, unchanged: given.filter((each) => !each).length }
    for (let round = 0; round < rounds; round += 1) {
      const bronze = await table(`bronze/${contract.name}`).snapshot()
      const landed = await landedBefore(desk, bronze)
      const fresh = mended.filter(({ hash }) => !landed.has(hash))
      const replay =
        fresh.length === 0
          ? null
          : replayId(
              contract.name,
              fresh.map(({ hash }) => hash),
            )
      const told = { ...about, taken: fresh.length, earlier: mended.length - fresh.length }
      if (dryRun) {
        await loadRecords(desk, mended)
        const verdict = await judge(desk, desk.name('records'), file)
        return { ...told, ...verdict, examples: verdict.examples.map(ofOriginal(mended)), replay: null, now: null }
      }
      if (replay !== null && !(await landMended(desk, { replay, fresh, bronze, print }))) continue
      await cleanDataset(contract, effects)
      for (const [offset, { hash }] of fresh.entries()) landed.set(hash, { source: String(replay), offset })
      const chosen = await loadCoordinates(
        desk,
        'chosen',
        mended.flatMap(({ hash }) => landed.get(hash) ?? []).map((at) => ({ ...at, partition: 0 })),
      )
      const standing = await table(`bronze/${contract.name}`).snapshot()
      if (standing !== undefined) await recallRecords(desk, chosen, standing, 'records')
      const verdict = await judge(desk, desk.name('records'), file)
      return { ...told, ...verdict, replay, now: await locate(desk, print, chosen) }
    }
    throw contended(contract.name)
  })
}

/** What is not landed has no coordinates: it is told by the record that it was made from. */
function ofOriginal(mended: readonly Mended[]): (again: RejectedAgain) => RejectedAgain {
  return (again) => {
    const line = readRecordId(again.record)?.offset
    const original = mended.find((each) => each.line === line)?.original
    return original === undefined ? again : { ...again, record: recordId(original.at) }
  }
}

/** Each once, in an order that does not hang on the file's. */
function inOrder(mended: readonly Mended[]): readonly Mended[] {
  const once = [...new Map(mended.map((each) => [each.hash, each])).values()]
  const order = ({ original: { at }, hash }: Mended) =>
    `${at.source}/${String(at.partition).padStart(9, '0')}/${String(at.offset).padStart(16, '0')}/${hash}`
  return once.sort((a, b) => (order(a) < order(b) ? -1 : 1))
}

/** The quarantined record that a line names. */
async function findOriginals(
  desk: Work,
  lines: readonly MendedLine[],
  file: Snapshot | undefined,
): Promise<(line: MendedLine) => Original> {
  const { contract, dialect, effects } = desk
  const asked = await loadCoordinates(
    desk,
    'asked',
    lines.map(({ at }) => at),
  )
  const rejected = await attachRejected(`replay_${contract.name}`, { dataset: contract.name, open: false }, effects)
  const bronze = await effects.table(`bronze/${contract.name}`).snapshot()
  if (bronze !== undefined) await recallRecords(desk, asked, bronze, 'originals')
  const own = coordinates(dialect)
  const { rows } =
    bronze === undefined
      ? { rows: [] }
      : await effects.engine.query(
          `SELECT ${own}, rejected.topic, epoch_us(rejected."timestamp"), landed.timestamp_type, rejected.rule, rejected.contract, rejected.key, rejected.value, rejected.headers
           FROM (${rejected}) AS rejected INNER JOIN (SELECT ${own}, timestamp_type FROM ${desk.name('originals')}) AS landed USING (${own})`,
        )
  const ofFiles = sourcesOfFiles(file, contract.name)
  const sources = new Set(rows.map(([source]) => String(source)).filter((source) => ofFiles.has(source)))
  const layouts = await readLayouts(desk, sources, file)
  const found = new Map(
    rows.map(([source, partition, offset, topic, timestamp, timestampType, rule, by, key, value, headers]) => {
      const at = {
        ...{ dataset: contract.name, source: String(source) },
        ...{ partition: Number(partition), offset: Number(offset) },
      }
      const original: Original = {
        ...{ at, topic: String(topic), timestamp: Number(timestamp), timestampType: String(timestampType) },
        ...{ rule: String(rule), rejectedBy: String(by), layout: layouts.get(at.source)?.layout },
        ...{ key: bytesOfCell(key), value: bytesOfCell(value), headers: headersOfCell(headers) },
      }
      return [recordId(at), original]
    }),
  )
  return ({ at, line }) => {
    const original = found.get(recordId(at))
    if (original !== undefined) return original
    throw new Fault('quarantine/not-there', `Line ${line} names ${recordId(at)}, which is not in quarantine.`, {
      mend: 'Nothing was replayed. Take the line out: the contract takes this record by now, or it never was here. fairlead quarantine show lists what is.',
      facts: { line, record: recordId(at) },
    })
  }
}

/** What earlier replays have landed: where each mended record stands, by its hash. */
async function landedBefore(
  { contract, dialect, effects, name, place }: Work,
  bronze: Snapshot | undefined,
): Promise<Map<string, { readonly source: string; readonly offset: number }>> {
  const replays = replaysIn(bronze, contract.name)
  if (bronze === undefined || replays.size === 0) return new Map()
  const files = filesThatMayHold(bronze.files, [soughtTexts('source', replays)])
  const root = `bronze/${contract.name}`
  await attachFiles(place('earlier'), { root, columns: bronze.columns, files }, effects)
  const { identifier: id, literal } = dialect
  const { rows } = await effects.engine.query(
    `SELECT source, ${id('offset')}, key, value, headers FROM ${name('earlier')} WHERE source IN (${[...replays].map(literal).join(', ')})`,
  )
  return new Map(
    rows.map(([source, offset, key, value, cells]) => {
      const headers = headersOfCell(cells)
      const origin = JSON.parse(
        Buffer.from(headers.find((header) => header.key === replayOf)?.value ?? []).toString('utf8'),
      )
      const hash = mendedHash(origin, bytesOfCell(key), bytesOfCell(value), headers)
      return [hash, { source: String(source), offset: Number(offset) }]
    }),
  )
}

/** True where the records are in; false where another replay came in since `bronze` was looked at. */
async function landMended(
  { contract: { name: dataset }, effects }: Work,
  {
    replay,
    fresh,
    bronze,
    print,
  }: { replay: string; fresh: readonly Mended[]; bronze: Snapshot | undefined; print: string },
): Promise<boolean> {
  const table = effects.table(`bronze/${dataset}`)
  const known = replaysIn(bronze, dataset).size
  const columns = [
    { constant: replayTopic },
    { constant: replay },
    { constant: 0 },
    fresh.map((_, offset) => offset),
    fresh.map(({ original }) => original.timestamp),
    fresh.map(({ original }) => original.timestampType),
    fresh.map(({ key }) => key),
    fresh.map(({ value }) => value),
    fresh.map(({ headers, original }) => [...headers, originHeader(original, print)]),
    { constant: effects.nowMs() * 1000 },
  ]
  const file = await table.writeFile(writeParquet(bronzeColumns, columns, fresh.length))
  effects.failpoint('replay/before-land')
  const { outcome } = await table.commit({
    operation: 'WRITE',
    parameters: { mode: 'Append' },
    blindAppend: true,
    stage: (newest) =>
      newest === undefined || replaysIn(newest, dataset).size !== known
        ? undefined
        : {
            add: [file],
            remove: [],
            txns: [
              { appId: bronzeTxn(dataset, replay), version: fresh.length },
              { appId: replayTxn(dataset, replay), version: known + 1 },
            ],
          },
  })
  if (outcome === 'unneeded') await effects.store.remove(`${table.root}/${file.path}`)
  else effects.failpoint('replay/after-land')
  return outcome === 'committed'
}

async function loadCoordinates(
  { effects, name }: Work,
  target: string,
  list: readonly { readonly source: string; readonly partition: number; readonly offset: number }[],
): Promise<string> {
  await effects.engine.run(
    `CREATE OR REPLACE TABLE ${name(target)} (source VARCHAR, "partition" INTEGER, "offset" BIGINT)`,
  )
  const rows = list.map(({ source, partition, offset }) => ({ source, partition, offset }))
  await effects.engine.run(
    `INSERT INTO ${name(target)} SELECT DISTINCT each.source, each."partition", each."offset" FROM (
      SELECT unnest(from_json($1, '[{"source":"VARCHAR","partition":"INTEGER","offset":"BIGINT"}]')) AS each)`,
    [JSON.stringify(rows)],
  )
  return name(target)
}

/** Mended records as Bronze would have them, under a source that is none. */
async function loadRecords({ dialect, effects, name }: Work, mended: readonly Mended[]): Promise<void> {
  const columns = bronzeColumns.map((column) => `${dialect.identifier(column.name)} ${dialect.type(column.type)}`)
  await effects.engine.run(`CREATE OR REPLACE TABLE ${name('records')} (${columns.join(', ')})`)
  const base64 = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('base64'))
  const rows = mended.map(({ line, key, value, headers, original }) => ({
    ...{ line, at: original.timestamp, key: base64(key), value: base64(value) },
    headers: headers.map((header) => ({ key: header.key, value: base64(header.value) })),
  }))
  await effects.engine.run(
    `INSERT INTO ${name('records')} SELECT ${dialect.literal(replayTopic)}, 'line', 0, each.line, make_timestamptz(each.at), NULL, from_base64(each.key), from_base64(each.value),
      list_transform(each.headers, lambda h: struct_pack(key := h.key, value := from_base64(h.value))), now() FROM (
      SELECT unnest(from_json($1, '[{"line":"BIGINT","at":"BIGINT","key":"VARCHAR","value":"VARCHAR","headers":[{"key":"VARCHAR","value":"VARCHAR"}]}]')) AS each)`,
    [JSON.stringify(rows)],
  )
}
