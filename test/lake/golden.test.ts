import assert from 'node:assert/strict'
import { basename, dirname } from 'node:path'
import { test } from 'node:test'
import { openTable } from '#lake'
import { localStore } from '#storage'
import { quietEffects } from './effects.ts'
import { goldenFolder, goldenTables, tryGolden } from './golden.ts'

const folder = goldenFolder()
const tables = folder === undefined ? [] : goldenTables(folder)

/** Tables that are refused, and the word that must name why; all others must be right. */
const refused: Readonly<Record<string, RegExp>> = {
  'compacted-log-files-table': /deletionVectors/,
  'data-reader-absolute-paths-escaped-chars': /no metaData/,
  'data-reader-timestamp_ntz': /timestampNtz/,
  'data-reader-timestamp_ntz-name-mode': /timestampNtz/,
  'data-skipping-basic-stats-all-types-columnmapping-id': /columnMapping/,
  'data-skipping-basic-stats-all-types-columnmapping-name': /columnMapping/,
  'deltalog-state-reconstruction-from-checkpoint-missing-metadata': /no metaData/,
  'deltalog-state-reconstruction-from-checkpoint-missing-protocol': /no protocol/,
  'deltalog-state-reconstruction-without-protocol': /no protocol/,
  'dv-partitioned-with-checkpoint': /deletionVectors/,
  'kernel-crc-full': /deletionVectors/,
  'kernel-stats-writing-all-types/delta': /columnMapping/,
  'parquet-all-types': /timestampNtz/,
  'table-with-columnmapping-mode-id': /columnMapping/,
  'v2-checkpoint-parquet': /v2Checkpoint/,
  'versions-not-contiguous': /version 1 is missing/,
}

/** Logs without their data files: the files that they name, as they should be after the replay. */
const logOnly: Readonly<Record<string, readonly string[]>> = {
  checkpoint: ['15'],
  'deltalog-commit-info': ['abc'],
  'kernel-app-txn-with-last-updated': [
    'part-00001-2e4c9beb-884e-4749-aaee-02a1a4f05750-c000.snappy.parquet',
    'part-00001-63bc815a-54ba-4614-8260-a7ed44382395-c000.snappy.parquet',
    'part-00001-e0753c49-6576-471c-85ca-923c138e6c9e-c000.snappy.parquet',
    'part-00001-b81dd692-6bc8-4cc2-84b7-005ef95bc59a-c000.snappy.parquet',
  ],
  'kernel-with_checkpoint_no_last_checkpoint': ['part-00000-70b1dcdf-0236-4f63-a072-124cdbafd8a0-c000.snappy.parquet'],
  'log-replay-special-characters-b': ['special p@#h'],
  'update-deleted-directory': Array.from({ length: 10 }, (_, i) => String(i + 1)),
}

if (folder === undefined) {
  test.skip('golden Delta tables: skipped, there is no ../shared/golden-delta beside the checkout (or FAIRLEAD_SHARED)')
}

for (const golden of tables) {
  const why = refused[golden.name]
  const files = logOnly[golden.name]
  if (why) {
    test(`${golden.name} is refused by name`, async () => {
      const result = await tryGolden(golden)
      assert.equal(result.outcome, 'refused')
      assert.match(result.outcome === 'refused' ? result.fault.message : '', why)
    })
  } else if (files) {
    test(`${golden.name}, a log without data files, replays to its files`, async () => {
      const store = localStore(dirname(golden.table))
      const snapshot = await openTable(store, basename(golden.table), quietEffects()).snapshot()
      assert.ok(snapshot)
      const names = snapshot.files.map(({ path }) => path)
      assert.deepEqual(names.sort(), [...files].sort())
    })
  } else {
    test(`${golden.name} reads as its rows`, async () => {
      const result = await tryGolden(golden)
      assert.equal(result.outcome, 'right', JSON.stringify(result))
    })
  }
}

if (folder !== undefined) {
  test('txns come through checkpoints', async () => {
    for (const name of ['kernel-app-txn-checkpoint', 'kernel-app-txn-no-checkpoint']) {
      const golden = tables.find((each) => each.name === name)
      assert.ok(golden)
      const store = localStore(dirname(golden.table))
      const snapshot = await openTable(store, basename(golden.table), quietEffects()).snapshot()
      assert.deepEqual(
        snapshot?.txns,
        new Map([
          ['my-app', 3],
          ['my-app2', 2],
        ]),
      )
    }
  })
}
