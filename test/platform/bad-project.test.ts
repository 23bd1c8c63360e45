/**
 * A lake whose Gold is published, and runs of a project that somebody broke: each is told where it is broken and how to mend it, and every file of the last
 * publication is read byte for byte as before, over newer Silver too. The project is mended by taking the change back, and the next run publishes.
 */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { writeSampleFolder } from '#platform'
import type { Standing } from './last-good.ts'
import { standingIn } from './last-good.ts'
import { lakeOptions } from './options.ts'

const checkout = join(import.meta.dirname, '../..')
const root = mkdtempSync(join(tmpdir(), 'fairlead-bad-project-'))
const copy = join(root, 'checkout')
const lake = join(root, 'lake')
const effects = { report: () => {}, signal: new AbortController().signal }
let lastGood: Standing
let runOnce: typeof import('#platform').runOnce

before(async () => {
  // The project lies beside the code that runs it, so that a broken one needs a copy of both.
  for (const name of ['src', 'datasets', 'dbt', 'package.json']) {
    cpSync(join(checkout, name), join(copy, name), {
      recursive: true,
      filter: (path) => !/\/(target|logs)$/.test(path),
    })
  }
  symlinkSync(join(checkout, 'node_modules'), join(copy, 'node_modules'), 'junction')
  ;({ runOnce } = await import(pathToFileURL(join(copy, 'src/platform/index.ts')).href))
  for (const [name, seed] of [
    ['older', 7],
    ['newer', 8],
  ] as const) {
    await writeSampleFolder(join(root, name), { schools: 60, seed }, effects)
  }
  assert.equal((await run('older')).outcome, 'published')
  lastGood = await standingIn(lake)
  assert.ok(Object.keys(lastGood.files).length > 10)
})
after(() => rmSync(root, { recursive: true, force: true }))

const run = (from: string) => runOnce({ ...lakeOptions(lake), full: false, from: join(root, from) }, effects)

interface Case {
  readonly file: string
  readonly change: (text: string) => string
  /** Where and why it is told to be broken. */
  readonly told: RegExp
}

const cases: Readonly<Record<string, Case>> = {
  'a circle of references': {
    file: 'dbt/models/silver/school_level.sql',
    change: (text) => `-- depends_on: {{ ref('school_scorecard') }}\n${text}`,
    told: /^models\/silver\/school_level\.sql:1: .*school_scorecard/,
  },
  'an unknown macro': {
    file: 'dbt/models/gold/equity_gap.sql',
    change: (text) => `${text}\n{{ pennies_of(1) }}`,
    told: /^models\/gold\/equity_gap\.sql:\d+: .*pennies_of/,
  },
  'a missing source': {
    file: 'dbt/models/bronze/stg_svi.sql',
    change: (text) => text.replace("source('silver', 'svi')", "source('silver', 'svj')"),
    told: /^models\/bronze\/stg_svi\.sql:\d+: .*svj/,
  },
  'invalid YAML': {
    file: 'dbt/models/gold/equity_gap.yml',
    change: (text) => `${text}\n   - [\n`,
    told: /^models\/gold\/equity_gap\.yml:\d+: /,
  },
}

for (const [what, { file, change, told }] of Object.entries(cases)) {
  test(`${what}: where and how to mend it is told, and the last good Gold is read byte for byte`, () =>
    broken(file, change, async () => {
      await assert.rejects(run('newer'), (error: Error & { readonly code?: string; readonly mend?: string }) => {
        assert.match(error.code ?? '', /^model\//)
        assert.match(error.message, told)
        assert.ok((error.mend ?? '').length > 10, error.message)
        return true
      })
    }))
}

test('a seed with wrong types: where is told, and the last good Gold is read byte for byte', () =>
  broken(
    'dbt/seeds/dim_bucket.csv',
    (text) => text.replace(/^(Moderate,.*?),[0-9.]+,/m, '$1,a third,'),
    async () => {
      const { outcome, ...rest } = await run('newer')
      assert.equal(outcome, 'held')
      assert.match(JSON.stringify(rest), /seeds\/dim_bucket\.csv:\d+: .*a third/)
    },
  ))

test('mended, the project publishes what was held back', async () => {
  assert.equal((await run('newer')).outcome, 'published')
  const mended = await standingIn(lake)
  assert.equal(mended.publication, lastGood.publication + 1)
  assert.notDeepEqual(mended.answers, lastGood.answers)
})

/** The project with one file changed, for as long as `work` takes; whatever that does, Gold stands as it stood. */
async function broken(file: string, change: (text: string) => string, work: () => Promise<void>): Promise<void> {
  const path = join(copy, file)
  const text = readFileSync(path, 'utf8')
  const changed = change(text)
  assert.notEqual(changed, text, `${file} is changed`)
  writeFileSync(path, changed)
  try {
    await work()
  } finally {
    writeFileSync(path, text)
  }
  assert.deepEqual(await standingIn(lake), lastGood)
}
