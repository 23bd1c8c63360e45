import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const [, readme = ''] = readFileSync(join(root, 'README.md'), 'utf8').split('## Your own dataset')

function block(language: string): string {
  const [, text] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme) ?? []
  assert.ok(text, `README has no block of ${language}`)
  return text
}

test("the README's dataset of ten lines does what the README says", (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-readme-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const dataset = block('ts')
  assert.ok(dataset.trim().split('\n').length <= 11, 'ten lines, give or take a brace')
  mkdirSync(join(folder, 'my-datasets'))
  mkdirSync(join(folder, 'my-files'))
  writeFileSync(join(folder, 'my-datasets/attendance.mts'), dataset)
  writeFileSync(join(folder, 'fairlead.yaml'), block('yaml'))
  writeFileSync(join(folder, 'my-files/any-name.csv'), 'DBN,Attendance\n01M015,0.91\n01M019,N/A\n01M020,1.7\n,0.5\n')

  const fairlead = (...argv: string[]) => {
    const command = [join(root, 'bin/fairlead.mjs'), ...argv, '--json', '--quiet']
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
    })
    assert.equal(status, 0, stderr)
    assert.equal(stderr, '')
    return JSON.parse(stdout)
  }
  const { sources: _, ...counts } = fairlead('run', '--from', 'my-files').datasets.attendance
  assert.deepEqual(counts, { landed: 4, silver: 2, quarantined: 2, duplicates: 0, superseded: 0 })
  assert.deepEqual(fairlead('query', 'select dbn, attendance from silver.attendance order by dbn').rows, [
    ['01M015', 0.91],
    ['01M019', null],
  ])
  assert.deepEqual(fairlead('query', 'select rule, received from silver.quarantine order by rule').rows, [
    ['no_dbn', ''],
    ['not_a_share', '1.7'],
  ])
})
