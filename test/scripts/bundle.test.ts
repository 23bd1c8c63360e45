import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '../..')
const folder = join('node_modules/.cache', `fairlead-bundle-test-${process.pid}`)
const bundle = join(root, folder)
const work = mkdtempSync(join(tmpdir(), 'fairlead-bundle-'))

before(() => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/bundle.mjs', folder], {
    cwd: root,
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.equal(status, 0, stderr)
})
process.on('exit', () => {
  rmSync(bundle, { recursive: true, force: true })
  rmSync(work, { recursive: true, force: true })
})

function fairlead(main: string, ...argv: string[]) {
  const start = `import(${JSON.stringify(pathToFileURL(main).href)}).then(({ main }) => main(process.argv.slice(1)))`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', start, '--', ...argv, '--json', '--quiet'], {
    cwd: work,
    encoding: 'utf8',
    timeout: 120_000,
  })
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

const programs = { modules: join(root, 'src/cli/main.ts'), bundle: join(bundle, 'command/main.mjs') }

test('the bundle lands, cleans, builds and publishes what the modules do, on threads of its own', () => {
  const from = join(work, 'files')
  fairlead(programs.modules, 'sample', from, '--schools', '300')
  const answers = Object.entries(programs).map(([name, main]) => {
    const { tookMs, ...answer } = fairlead(main, 'run', '--from', from, '--lake', join(work, name))
    assert.ok(tookMs > 0)
    return answer
  })
  assert.equal(answers[0].outcome, 'published')
  assert.deepEqual(answers[1], answers[0])
})

test('a stream runs from the bundle, its log and its maintenance included', () => {
  const common = ['--lake', join(work, 'bundle'), '--log', join(work, 'log')]
  fairlead(programs.bundle, 'stream', 'season', '--seconds', '1', '--rate', '200', ...common)
  const { datasets, published } = fairlead(programs.bundle, 'stream', 'consume', '--once', ...common)
  const { topic: _, added, landed, ...fates } = datasets.survey_live
  assert.ok(landed > 100)
  assert.equal(added, landed)
  assert.equal(
    Object.values<number>(fates).reduce((sum, rows) => sum + rows, 0),
    landed,
  )
  assert.equal(published, 0)
})

test('all that is in it is named, with the folder and the lists in which more could appear', () => {
  const sources = Object.keys(JSON.parse(readFileSync(join(bundle, 'sources.json'), 'utf8')))
  for (const path of ['package.json', 'node_modules/.package-lock.json', 'datasets']) assert.ok(sources.includes(path))
  const threads = sources.filter((path) => path.endsWith('worker.ts'))
  assert.ok(threads.length >= 3, threads.join())
  for (const thread of threads) {
    const made = join(bundle, 'command', thread.replace(/^.*\/|\.ts$/g, '').concat('.mjs'))
    assert.ok(existsSync(made), `${thread} is a file of its own`)
  }
  const named = new Set(sources)
  let inside = 0
  for (const file of readdirSync(join(bundle, 'command'))) {
    const text = readFileSync(join(bundle, 'command', file), 'utf8')
    for (const [, path = ''] of text.matchAll(/^\/\/ ((?:src|datasets)\/\S+\.ts)$/gm)) {
      inside += 1
      assert.ok(named.has(path), `${path} is in ${file} and not named`)
    }
  }
  assert.ok(inside > 200)
})

test('packages with machine code of their own are found from the bundle: Kafka’s client and its checksums', () => {
  const start = `import(${JSON.stringify(pathToFileURL(programs.bundle).href)}).then(({ main }) => main(process.argv.slice(1)))`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', start, '--', 'doctor', '--json'], {
    ...{ cwd: work, encoding: 'utf8', timeout: 60_000 },
    env: { ...process.env, FAIRLEAD_KAFKA_BROKERS: '127.0.0.1:9' },
  })
  assert.doesNotMatch(stderr, /bug in fairlead/)
  assert.match(stdout + stderr, /log\/unreachable|127\.0\.0\.1:9/)
})
