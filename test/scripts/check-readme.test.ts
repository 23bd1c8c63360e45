import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')

/** The check on this checkout with one page changed. */
function check(
  t: TestContext,
  page: string,
  change: (text: string) => string,
): { status: number | null; stderr: string } {
  const checkout = mkdtempSync(join(tmpdir(), 'fairlead-words-'))
  t.after(() => rmSync(checkout, { recursive: true, force: true }))
  for (const name of readdirSync(root)) if (name !== page) symlinkSync(join(root, name), join(checkout, name))
  writeFileSync(join(checkout, page), change(readFileSync(join(root, page), 'utf8')))
  const script = join(root, 'scripts/check-readme.ts')
  const { status, stderr } = spawnSync(process.execPath, [script, checkout], { encoding: 'utf8', timeout: 60_000 })
  return { status, stderr }
}

test('the pages as they are pass', (t) => {
  assert.deepEqual(
    check(t, 'README.md', (text) => text),
    { status: 0, stderr: '' },
  )
})

test('words about what is not there turn the check red, each by name', (t) => {
  const false_ = [
    '`fairlead publish --now`',
    '`npx fairlead run --fast`',
    '`npm run deploy`',
    '[gone](docs/gone.md)',
    '[nowhere](#no-such-heading)',
    '`src/kafka/`',
    '```sh\nnpm start -- --frmo x   # a comment\n```',
  ]
  const { status, stderr } = check(t, 'README.md', (text) => `${text}\n${false_.join('\n')}\n`)
  assert.equal(status, 1)
  assert.deepEqual(stderr.trim().split('\n').sort(), [
    'README.md: `fairlead publish --now`: publish is not a command.',
    'README.md: `npm run deploy`: there is no such script',
    'README.md: `npm start -- --frmo x`: --frmo is not a flag of `fairlead start`. Did you mean --from?',
    'README.md: `npx fairlead run --fast`: --fast is not a flag of `fairlead run`.',
    'README.md: the link #no-such-heading leads to no heading',
    'README.md: the link docs/gone.md leads nowhere',
    'README.md: there is no src/kafka/',
  ])
})

test('a README without the two commands turns the check red', (t) => {
  const { status, stderr } = check(t, 'README.md', (text) => text.replaceAll('npm ci && npm test', 'make test'))
  assert.equal(status, 1)
  assert.match(stderr, /`npm ci && npm test` is not there/)
})

test('a table of layers that differs from the one that is kept turns the check red', (t) => {
  const { status, stderr } = check(t, 'ARCHITECTURE.md', (text) =>
    text.replace(/(`src\/lake\/`.*)port, parquet \|/, '$1port, config |'),
  )
  assert.equal(status, 1)
  assert.match(stderr, /ARCHITECTURE\.md: src\/lake\/ may import port, parquet, and the page says port, config/)
})
