import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const unbuilt = existsSync(join(root, 'web/dist/index.html')) ? false : 'the dashboard is not built: npm run build'
const unlike = process.platform === 'win32' ? 'signals are of Unix' : false

function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-process-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** A process of its own that runs one command line. */
function fairlead(cwd: string, ...argv: string[]) {
  const child = spawn(process.execPath, [join(root, 'bin/fairlead.mjs'), ...argv], { cwd, timeout: 120_000 })
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (bytes) => {
      said[name] += bytes
    })
  }
  const ended = new Promise<Ended>((done) => child.on('close', (code, signal) => done({ code, signal, ...said })))
  /** Ends when the text was printed on either stream, or the process is gone. */
  const printed = async (text: string | RegExp) => {
    while (child.exitCode === null && (said.stdout + said.stderr).search(text) < 0) {
      await new Promise((done) => setTimeout(done, 20))
    }
  }
  return { child, ended, printed, said }
}

test('a process answers in JSON, exits with the code of its help, and shows no stack for a slip', async (t) => {
  const folder = emptyFolder(t)
  const status = await fairlead(folder, 'status', '--json').ended
  assert.equal(status.code, 0)
  assert.equal(JSON.parse(status.stdout).exists, false)
  const slip = await fairlead(folder, 'stats').ended
  assert.equal(slip.code, 2)
  assert.match(slip.stderr, /stats is not a command\. Did you mean status\?/)
  writeFileSync(join(folder, 'fairlead.yaml'), 'lakes: here\n')
  const config = await fairlead(folder, 'status').ended
  assert.equal(config.code, 1)
  assert.match(config.stderr, /^fairlead: fairlead\.yaml:1: lakes is not an option\. Did you mean lake\?/)
  assert.doesNotMatch(config.stderr, /^ {4}at /m)
  mkdirSync(join(folder, 'other/fairlead.yaml'), { recursive: true })
  assert.equal((await fairlead(join(folder, 'other'), 'status').ended).code, 1)
})

test('a reader that goes away early is no fault', { skip: unlike }, async (t) => {
  const { child, ended } = fairlead(emptyFolder(t), '--help')
  child.stdout.destroy()
  const { code, stderr } = await ended
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
})

test('Ctrl-C ends a run between two commits, and the next run finishes it', { skip: unlike }, async (t) => {
  const folder = emptyFolder(t)
  assert.equal((await fairlead(folder, 'sample', 'files', '--schools', '30').ended).code, 0)
  const first = fairlead(folder, 'run', '--from', 'files')
  await first.printed(/rows into /)
  first.child.kill('SIGINT')
  const stopped = await first.ended
  // A machine that is quick enough is done before the signal comes.
  if (stopped.code !== 0) {
    assert.equal(stopped.code, 130, stopped.stderr)
    assert.match(stopped.stderr, /stopping cleanly/)
    assert.match(stopped.stderr, /What was committed stays/)
    assert.doesNotMatch(stopped.stderr, /^ {4}at /m)
  }
  const second = await fairlead(folder, 'run', '--from', 'files', '--json').ended
  assert.equal(second.code, 0, second.stderr)
  const result = JSON.parse(second.stdout)
  assert.equal(result.published, 0)
  for (const { landed, silver, quarantined, duplicates, superseded } of Object.values<Record<string, number>>(
    result.datasets,
  )) {
    assert.equal(landed, Number(silver) + Number(quarantined) + Number(duplicates) + Number(superseded))
  }
})

test('start shows the dashboard until Ctrl-C, and one press that npm repeats is a clean end', {
  skip: unlike || unbuilt,
}, async (t) => {
  const start = fairlead(emptyFolder(t), 'start', '--schools', '20', '--port', '0')
  await start.printed('Ctrl-C stops')
  const [url] = /http:\S+/.exec(start.said.stderr) ?? []
  assert.ok(url, start.said.stderr)
  assert.equal((await fetch(`${url}/healthz`)).status, 200)
  start.child.kill('SIGINT')
  start.child.kill('SIGINT')
  const { code, signal, stderr } = await start.ended
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, stderr)
})

test('start over a folder of files waits for a topic that nobody has sent to, and says what would', {
  skip: unbuilt,
}, async (t) => {
  const folder = emptyFolder(t)
  assert.equal((await fairlead(folder, 'sample', 'files', '--schools', '10').ended).code, 0)
  const start = fairlead(folder, 'start', '--from', 'files', '--port', '0')
  await start.printed('nobody has sent to school_climate_stream yet')
  start.child.kill('SIGINT')
  const { stderr } = await start.ended
  assert.match(stderr, /fairlead stream --help/)
  assert.doesNotMatch(stderr, /stream\/no-topic/)
})

test('a server that npm started stops when npm is gone', { skip: unlike || unbuilt }, async (t) => {
  const folder = emptyFolder(t)
  const command = `"${process.execPath}" "${join(root, 'bin/fairlead.mjs')}" serve --port 0; true`
  const env = { ...process.env, npm_command: 'exec' }
  const shell = spawn('sh', ['-c', command], { cwd: folder, env, timeout: 30_000 })
  let said = ''
  const url = await new Promise<string>((done, fail) => {
    shell.stdout.on('data', (bytes) => {
      said += bytes
      const [found] = /http:\S+/.exec(said) ?? []
      if (found !== undefined) done(found)
    })
    shell.on('exit', () => fail(new Error(`it ended: ${said}`)))
  })
  // The pipe closes when the server, which holds it too, is gone.
  const gone = new Promise((done) => shell.on('close', done))
  shell.kill('SIGTERM')
  await gone
  await assert.rejects(fetch(`${url}/healthz`))
})

test('a port in use is told before any work, with what mends it', { skip: unbuilt }, async (t) => {
  const other = createServer()
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done))
  t.after(() => other.close())
  const { port } = other.address() as AddressInfo
  const { code, stdout, stderr } = await fairlead(emptyFolder(t), 'start', '--port', String(port), '--json').ended
  assert.equal(code, 1)
  assert.equal(JSON.parse(stdout).error.code, 'serve/port-in-use')
  assert.match(stderr, new RegExp(`${port}`))
  assert.doesNotMatch(stderr, /^land /m)
})

test('the command works through a link from any folder', { skip: unlike }, async (t) => {
  const folder = emptyFolder(t)
  symlinkSync(join(root, 'bin/fairlead.mjs'), join(folder, 'fairlead'))
  const child = spawn(process.execPath, [join(folder, 'fairlead'), '--version'], { cwd: tmpdir(), timeout: 30_000 })
  let stdout = ''
  child.stdout.on('data', (bytes) => {
    stdout += bytes
  })
  const code = await new Promise((done) => child.on('close', done))
  assert.equal(code, 0)
  assert.match(stdout, /^[0-9]+\.[0-9]+\.[0-9]+\n$/)
})
