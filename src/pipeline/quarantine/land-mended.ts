import type { Snapshot } from '#lake'
import { writeParquet } from '#parquet'
import { filesThatMayHold, soughtTexts } from '../clean-bounds.ts'
import { replayOf, replaysIn, replayTxn } from '../clean-marks.ts'
import type { Work } from '../clean-work.ts'
import { attachFiles } from '../exchange.ts'
import { bronzeColumns, bronzeTxn } from '../land/index.ts'
import type { Mended } from './mended.ts'
import { mendedHash, originHeader } from './mended.ts'
import { bytesOfCell, headersOfCell } from './show.ts'

/** Under which mended records stand in Bronze; the ledger has it for the name of a replay. */
const replayTopic = 'quarantine-replay'

/** What earlier replays have landed: where each mended record stands, by its hash. */
export async function landedBefore(
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
export async function landMended(
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

/** Mended records as Bronze would have them, under a source that is none. */
export async function loadRecords({ dialect, effects, name }: Work, mended: readonly Mended[]): Promise<void> {
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
