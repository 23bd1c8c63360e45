#!/usr/bin/env node
// Starts Fairlead under a Node that can run it. Plain JavaScript that Node 18 understands: whatever `node` the machine has reads this file first.
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const needed = '24.6.0'
const root = fileURLToPath(new URL('..', import.meta.url))

if (isEnough(process.versions.node)) {
  // Keeps compiled code beside the installed packages; where that cannot be written, it is compiled each time.
  const cache = join(root, 'node_modules/.cache/fairlead')
  module.enableCompileCache?.(cache)
  // A thread takes it from the environment alone.
  process.env.NODE_COMPILE_CACHE ??= cache
  const main = isBundleFresh() ? 'node_modules/.cache/fairlead-bundle/command/main.mjs' : 'src/cli/main.ts'
  const { main: run } = await import(pathToFileURL(join(root, main)).href)
  await run(process.argv.slice(2))
} else {
  const node = bundledNode() ?? (await nodeOnPath())
  if (node === undefined) refuse(`it runs on Node ${process.versions.node}`)
  else start(node)
}

/** True where the modules were put together (`scripts/bundle.mjs`) and none of them was touched since: a file of a bundle that is behind is never run. */
function isBundleFresh() {
  try {
    const sources = JSON.parse(readFileSync(join(root, 'node_modules/.cache/fairlead-bundle/sources.json'), 'utf8'))
    return Object.entries(sources).every(([path, [size, mtimeMs]]) => {
      const info = statSync(root + path)
      return info.size === size && info.mtimeMs === mtimeMs
    })
  } catch {
    return false // Never made, or one of its sources is gone: the modules themselves run as well.
  }
}

/** `npm ci` brings a Node of its own where the registry has one for this machine. */
function bundledNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${platform}-${process.arch}/package.json`)
    const node = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    accessSync(node, constants.X_OK)
    return node
  } catch {
    return undefined // Not brought, or not for this machine: another one may do.
  }
}

/** The running Node is the first on PATH; a newer one may stand further back. */
async function nodeOnPath() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const node = join(folder, process.platform === 'win32' ? 'node.exe' : 'node')
    if (folder === '' || !existsSync(node) || node === process.execPath) continue
    if (isEnough(await versionOf(node))) return node
  }
  return undefined
}

function versionOf(node) {
  return new Promise((done) => {
    let text = ''
    const child = spawn(node, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'], timeout: 5000 })
    child.stdout.on('data', (bytes) => {
      text += bytes
    })
    child.on('error', () => done(''))
    child.on('close', () => done(text.trim()))
  })
}

function isEnough(version) {
  const given = /^v?([0-9]+)\.([0-9]+)\./.exec(version)
  if (!given) return false
  const [major, minor] = needed.split('.').map(Number)
  return Number(given[1]) > major || (Number(given[1]) === major && Number(given[2]) >= minor)
}

function start(node) {
  // The channel tells the child when this process is gone, however it went, so that no Fairlead is left behind unseen.
  const stdio = ['inherit', 'inherit', 'inherit', 'ipc']
  // Listening before there is a child: it may be heard of before the next line runs, and a signal in between would leave it alone. Node hands signals on
  // between lines of a program, so `child` is set by then.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio })
  child.on('error', (error) => refuse(`${node} does not start (${error.message})`))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function refuse(why) {
  const what = `Fairlead needs Node ${needed} or newer, and ${why}.`
  const mend = `Install Node 24 from https://nodejs.org, or run \`npm ci\` again without --omit=optional: on Linux and Windows it brings Node 24 along.`
  process.stderr.write(`fairlead: ${what} (machine/node-too-old)\n  ${mend}\n`)
  if (process.argv.includes('--json')) {
    const error = { code: 'machine/node-too-old', what, mend, retry: false, facts: { node: process.versions.node } }
    process.stdout.write(`${JSON.stringify({ error })}\n`)
  }
  process.exitCode = 1
}
