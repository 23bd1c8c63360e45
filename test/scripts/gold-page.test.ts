import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { goldModule, goldPage, goldTables } from '../../scripts/gold-page.ts'

const root = join(import.meta.dirname, '../..')

test('the page and the module of Gold’s columns say what the YAML says', () => {
  const tables = goldTables(join(root, 'dbt'))
  assert.equal(readFileSync(join(root, 'docs/gold.md'), 'utf8'), goldPage(tables))
  assert.equal(readFileSync(join(root, 'src/serve/gold-columns.generated.ts'), 'utf8'), goldModule(tables))
  assert.ok(tables.length > 20)
  for (const { name, grain } of tables) assert.ok(grain.length > 0, `${name} says what tells its rows apart`)
})

for (const [what, key] of [
  ['definition', 'description'],
  ['unit', 'unit'],
  ['source', 'source'],
  ['caveat', 'caveat'],
] as const) {
  test(`a column of Gold without its ${what} is named`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'fairlead-gold-'))
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    cpSync(join(root, 'dbt'), folder, { recursive: true })
    const file = join(folder, 'models/gold/equity_gap.yml')
    const text = readFileSync(file, 'utf8')
    const from = text.indexOf('      - name: gap\n')
    const at = text.indexOf(`${key}:`, from)
    writeFileSync(file, text.slice(0, text.lastIndexOf('\n', at)) + text.slice(text.indexOf('\n', at)))
    assert.throws(() => goldTables(folder), new RegExp(`^Error: equity_gap\\.gap has no ${what}$`))
  })
}
