import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'

const launcher = join(import.meta.dirname, '../../bin/fairlead.mjs')
const windows = process.platform === 'win32' ? 'the stand-ins for Node are shell scripts' : false

/** A checkout that holds the real launcher and a main module that prints who runs it. */
function checkout(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'fairlead-launcher-'))
  t.after(() => rmSync(root, { recursive: true, force: true }))
  for (const folder of ['bin', 'src/cli', 'path']) mkdirSync(join(root, folder), { recursive: true })
  copyFileSync(launcher, join(root, 'bin/fairlead.mjs'))
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    join(root, 'src/cli/main.ts'),
    'export async function main(argv: string[]) { console.log("here", ...argv) }',
  )
  writeFileSync(
    join(root, 'old.mjs'),
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.9.0" } })',
  )
  return root
}

/** A stand-in for another Node: answers --version, and otherwise runs the script. */
function fakeNode(path: string, version: string, script: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; exit; fi\n${script}\n`)
  chmodSync(path, 0o755)
}

function bundle(root: string, script: string): void {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const folder = join(root, `node_modules/node-${platform}-${process.arch}`)
  fakeNode(join(folder, 'bin/node'), 'v24.21.0', script)
  writeFileSync(join(folder, 'package.json'), '{}')
}

interface Launch {
  readonly root: string
  /** Runs under a Node that says it is 20.9. */
  readonly old?: boolean
  readonly argv?: readonly string[]
  readonly bin?: string
  readonly cwd?: string
}

function launch({ root, old = false, argv = [], bin = join(root, 'bin/fairlead.mjs'), cwd = root }: Launch) {
  const options = old ? ['--import', join(root, 'old.mjs')] : []
  const child = spawn(process.execPath, [...options, bin, ...argv], {
    cwd,
    env: { PATH: `${join(root, 'path')}:/usr/bin:/bin` },
    timeout: 20_000,
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (bytes) => {
    stdout += bytes
  })
  child.stderr.on('data', (bytes) => {
    stderr += bytes
  })
  const ended = new Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>((done) =>
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr })),
  )
  const printed = async (text: string) => {
    while (!stdout.includes(text) && child.exitCode === null) await new Promise((done) => setTimeout(done, 10))
  }
  return { child, ended, printed }
}

test('a Node that is new enough runs it itself', async (t) => {
  const { code, stdout, stderr } = await launch({ root: checkout(t), argv: ['status', '--json'] }).ended
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'here status --json\n', stderr: '' })
})

test('a bundle is run as long as every file that it was made of is what it was', async (t) => {
  const root = checkout(t)
  const folder = join(root, 'node_modules/.cache/fairlead-bundle')
  mkdirSync(join(folder, 'command'), { recursive: true })
  const script = `export async function main(argv) { console.log('bundled', ...argv) }`
  writeFileSync(join(folder, 'command/main.mjs'), script)
  const sources = ['src/cli/main.ts', 'package.json']
  const { size, mtimeMs } = statSync(join(root, 'package.json'))
  const list = (changed: object) => {
    const stats = sources.map((path) => {
      const info = statSync(join(root, path))
      return [path, [info.size, info.mtimeMs]]
    })
    writeFileSync(join(folder, 'sources.json'), JSON.stringify({ ...Object.fromEntries(stats), ...changed }))
  }
  const ran = async () => (await launch({ root, argv: ['x'] }).ended).stdout
  list({})
  assert.equal(await ran(), 'bundled x\n')
  for (const stale of [
    [size + 1, mtimeMs],
    [size, mtimeMs + 1],
  ]) {
    list({ 'package.json': stale })
    assert.equal(await ran(), 'here x\n')
  }
  list({ 'src/gone.ts': [1, 1] })
  assert.equal(await ran(), 'here x\n')
})

test('an old Node hands over to the one that npm brought, with arguments and exit code', {
  skip: windows,
}, async (t) => {
  const root = checkout(t)
  bundle(root, 'shift; echo "bundled $*"; exit 7')
  const { code, stdout } = await launch({ root, old: true, argv: ['query', 'select 1'] }).ended
  assert.deepEqual({ code, stdout }, { code: 7, stdout: 'bundled query select 1\n' })
})

test('without a bundled one, a newer Node further back on PATH is found; an old one there is passed over', {
  skip: windows,
}, async (t) => {
  const root = checkout(t)
  fakeNode(join(root, 'path/node'), 'v24.6.0', 'shift; echo "path $*"')
  assert.equal((await launch({ root, old: true, argv: ['doctor'] }).ended).stdout, 'path doctor\n')
  fakeNode(join(root, 'path/node'), 'v24.5.9', 'echo wrong')
  const { code, stdout, stderr } = await launch({ root, old: true }).ended
  // The machine's own Node may be new enough; then it is the one that runs.
  if (code === 0) t.diagnostic(`found another Node: ${stdout}`)
  else assert.match(stderr, /needs Node 24\.6\.0 or newer/)
  assert.doesNotMatch(stdout, /wrong/)
})

test('where there is none, it says what to do, without a stack, and in JSON when asked', {
  skip: windows,
}, async (t) => {
  const root = checkout(t)
  bundle(root, 'exit 0')
  const platform = process.platform === 'win32' ? 'win' : process.platform
  chmodSync(join(root, `node_modules/node-${platform}-${process.arch}/bin/node`), 0o644)
  const run = launch({ root, old: true, argv: ['run', '--json'] })
  const { code, stdout, stderr } = await run.ended
  if (code === 0) return t.skip('this machine has a newer Node on /usr/bin or /bin')
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^fairlead: Fairlead needs Node 24\.6\.0 or newer, and it runs on Node 20\.9\.0\. \(machine\/node-too-old\)\n {2}Install Node 24/,
  )
  assert.equal(JSON.parse(stdout).error.code, 'machine/node-too-old')
})

test('it works through a link, from any folder', { skip: windows }, async (t) => {
  const root = checkout(t)
  const link = join(root, 'path/fairlead')
  symlinkSync('../bin/fairlead.mjs', link)
  assert.equal((await launch({ root, bin: link, cwd: tmpdir(), argv: ['x'] }).ended).stdout, 'here x\n')
})

test('npm links the command, so that npx finds it without making an installation of the checkout', {
  skip: windows,
}, () => {
  const linked = join(import.meta.dirname, '../../node_modules/.bin/fairlead')
  assert.equal(realpathSync(linked), realpathSync(launcher))
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
  assert.equal(manifest.bin, undefined, 'npx takes a command of the checkout itself before a linked one')
})

test('signals reach the Node that runs it, and its end is ours', { skip: windows }, async (t) => {
  const root = checkout(t)
  bundle(root, `trap 'echo caught; exit 130' INT; echo ready; while :; do sleep 0.05; done`)
  const caught = launch({ root, old: true })
  await caught.printed('ready')
  caught.child.kill('SIGINT')
  const { code, stdout } = await caught.ended
  assert.deepEqual({ code, stdout }, { code: 130, stdout: 'ready\ncaught\n' })

  bundle(root, 'echo ready; exec sleep 20')
  const killed = launch({ root, old: true })
  await killed.printed('ready')
  killed.child.kill('SIGTERM')
  assert.equal((await killed.ended).signal, 'SIGTERM')
})
