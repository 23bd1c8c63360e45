import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')

/** A small checkout that keeps every rule, with files planted over it. */
const sound: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    type: 'module',
    imports: { '#port': './src/port/index.ts', '#lake': './src/lake/index.ts', '#pipeline': './src/pipeline/index.ts' },
    dependencies: { yaml: '*', commander: '*' },
    devDependencies: { knip: '*' },
  }),
  'src/port/index.ts': `export { Fault } from './fault.ts'`,
  'src/port/fault.ts': 'export class Fault extends Error {}',
  'src/lake/index.ts': `export { commit } from './commit.ts'`,
  'src/lake/commit.ts': `import { Fault } from '#port'\nexport const commit = () => new Fault()`,
  'src/pipeline/index.ts': `export { land } from './land/index.ts'`,
  'src/pipeline/land/index.ts': `export { land } from './land.ts'`,
  'src/pipeline/land/land.ts': `import { commit } from '#lake'\nexport const land = commit`,
}

function check(t: TestContext, planted: Readonly<Record<string, string>>): { status: number | null; stderr: string } {
  const checkout = mkdtempSync(join(tmpdir(), 'fairlead-layers-'))
  t.after(() => rmSync(checkout, { recursive: true, force: true }))
  for (const [path, text] of Object.entries({ ...sound, ...planted })) {
    mkdirSync(dirname(join(checkout, path)), { recursive: true })
    writeFileSync(join(checkout, path), text)
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'), 'junction')
  const script = join(root, 'scripts/check-layers.ts')
  const { status, stderr } = spawnSync(process.execPath, [script, checkout], { encoding: 'utf8', timeout: 60_000 })
  return { status, stderr }
}

test('a checkout that keeps the table passes', (t) => {
  assert.deepEqual(check(t, {}), { status: 0, stderr: '' })
})

interface Plant {
  readonly what: string
  readonly path: string
  readonly text: string
  readonly rule: string
}

const plants: readonly Plant[] = [
  {
    what: 'an import of a layer above',
    path: 'src/lake/up.ts',
    text: `import { land } from '#pipeline'\nland()`,
    rule: 'layer-lake',
  },
  {
    what: 'a type of a layer above',
    path: 'src/lake/type.ts',
    text: `import type { land } from '#pipeline'\nexport type L = typeof land`,
    rule: 'layer-lake',
  },
  {
    what: 'a way past a door',
    path: 'src/pipeline/past.ts',
    text: `import { commit } from '../lake/commit.ts'\ncommit()`,
    rule: 'door',
  },
  {
    what: 'a way past an inner door',
    path: 'src/pipeline/inner.ts',
    text: `import { land } from './land/land.ts'\nland()`,
    rule: 'inner-door',
  },
  {
    what: 'a folder that imports its own door',
    path: 'src/lake/own.ts',
    text: `import { commit } from '#lake'\ncommit()`,
    rule: 'own-door',
  },
  { what: 'a file that is in a circle', path: 'src/port/circle.ts', text: `import './other.ts'`, rule: 'no-circular' },
  { what: 'a file that nothing knows', path: 'src/lake/alone.ts', text: 'export const alone = 1', rule: 'no-orphans' },
  {
    what: 'the file system in the kernel',
    path: 'src/lake/files.ts',
    text: `import { rm } from 'node:fs/promises'\nrm`,
    rule: 'no-files',
  },
  {
    what: 'the environment in the kernel',
    path: 'src/lake/environment.ts',
    text: 'export const home = () => process.env.HOME',
    rule: 'no-environment',
  },
  { what: 'a package for developers', path: 'src/port/developers.ts', text: `import 'knip'`, rule: 'not-to-dev' },
  {
    what: 'a package that another file imports too',
    path: 'src/lake/package.ts',
    text: `import { Command } from 'commander'\nCommand`,
    rule: 'package-door',
  },
  {
    what: 'a file that is not there',
    path: 'src/lake/nowhere.ts',
    text: `import './gone.ts'`,
    rule: 'not-to-unresolvable',
  },
  {
    what: 'the browser importing the server',
    path: 'web/src/server.ts',
    text: `import { Fault } from '../../src/port/index.ts'\nFault`,
    rule: 'web',
  },
]

test('every planted breach turns the check red, each with its rule and what mends it', async (t) => {
  const texts = Object.fromEntries(plants.map(({ path, text }) => [path, text]))
  const { status, stderr } = check(t, {
    ...texts,
    'src/port/other.ts': `import './circle.ts'`,
    'src/pipeline/package.ts': `import { Command } from 'commander'\nCommand`,
  })
  assert.equal(status, 1)
  const problems = stderr.split(/\n(?! )/)
  for (const { what, path, rule } of plants) {
    await t.test(what, () => {
      const told = problems.some(
        (problem) => problem.split('\n')[0]?.includes(path) && problem.includes(`\n  ${rule}: `),
      )
      assert.ok(told, `${path} is not told under ${rule}:\n${stderr}`)
    })
  }
})

test('a folder that the table does not know turns the check red', (t) => {
  const { status, stderr } = check(t, { 'src/utils/index.ts': `import { Fault } from '#port'\nFault` })
  assert.equal(status, 1)
  assert.match(stderr, /src.utils\n {2}unknown-folder/)
})
