import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Fault } from '#port'
import { commands } from '../../src/cli/table.ts'
import { emptyLake, fakeBackend, published, told } from './fake.ts'

test('the help of every command shows an example, the common flags and the exit codes, and loads nothing', async () => {
  const backend = async () => {
    throw new TypeError('help loaded the platform')
  }
  for (const { name, flags } of commands) {
    const { exitCode, stdout, stderr } = await told([...name.split(' '), '--help'], fakeBackend().backend, { backend })
    assert.equal(exitCode, 0)
    assert.equal(stderr, '')
    assert.match(stdout, new RegExp(`Examples:\n {2}fairlead ${name}`))
    assert.match(stdout, /0 {4}done/)
    assert.match(stdout, /1 {4}.*fault/)
    assert.match(stdout, /2 {4}the command was called wrongly/)
    for (const flag of ['--json', '--quiet', '--lake', ...Object.keys(flags).map(kebab)])
      assert.ok(stdout.includes(flag))
  }
})

function kebab(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

test('the example of every help is a command line that is understood', async () => {
  for (const { examples } of commands) {
    for (const example of examples) {
      const [program, ...argv] = [...example.matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, word]) => quoted ?? word ?? '',
      )
      assert.equal(program, 'fairlead')
      const { exitCode, stderr } = await told(argv, fakeBackend().backend, { signal: AbortSignal.abort() })
      assert.equal(exitCode, 0, `${example}: ${stderr}`)
    }
  }
})

test('without a command the help stands on stderr and the exit code is 2; --help is 0; --version is the version', async () => {
  const bare = await told([], fakeBackend().backend)
  assert.equal(bare.exitCode, 2)
  assert.equal(bare.stdout, '')
  for (const { name } of commands) assert.ok(bare.stderr.includes(`  ${name.split(' ')[0]}`))
  assert.equal((await told(['--help'], fakeBackend().backend)).exitCode, 0)
  assert.deepEqual(await told(['--version'], fakeBackend().backend), { exitCode: 0, stdout: '1.2.3\n', stderr: '' })
})

test('a slip in a command or a flag is told with what was probably meant, and exits with 2', async () => {
  const { backend, asked } = fakeBackend()
  const cases: [string[], string, RegExp][] = [
    [['stauts'], 'usage/unknown-command', /stauts is not a command\. Did you mean status\?/],
    [['run', '--dryrun'], 'usage/unknown-flag', /--dryrun is not a flag of `fairlead run`\. Did you mean --dry-run\?/],
    [['start', '--prot=1'], 'usage/unknown-flag', /--prot is not a flag of `fairlead start`\. Did you mean --port\?/],
    [['query'], 'usage/missing-argument', /SQL is missing/],
    [['query', 'select', '1'], 'usage/too-many-arguments', /more words/],
    [['run', '--from'], 'usage/missing-value', /--from <dir> needs a value/],
    [['serve', '--port', 'many'], 'usage/bad-value', /--port is "many"/],
    [['start', '--schools', '0'], 'usage/bad-value', /whole number from 1/],
    [['start', '--from', 'x', '--seed', '1'], 'usage/sample-or-from', /--from reads real files/],
  ]
  for (const [argv, code, words] of cases) {
    const plain = await told(argv, backend)
    assert.equal(plain.exitCode, 2, argv.join(' '))
    assert.match(plain.stderr, words)
    assert.ok(plain.stderr.includes(`(${code})\n  `), plain.stderr)
    assert.doesNotMatch(plain.stderr, / {4}at /)
    assert.equal(plain.stdout, '')
    const json = await told([...argv, '--json'], backend)
    assert.equal(json.exitCode, 2)
    assert.equal(JSON.parse(json.stdout).error?.code, code, argv.join(' '))
  }
  assert.deepEqual(asked, [])
})

test('with --json stdout is one JSON document, whatever else is said, and --quiet leaves stderr empty', async () => {
  const lines = [
    ['run', '--from', 'x'],
    ['run', '--dry-run'],
    ['start', '--once'],
    ['query', 'select 1'],
    ['status'],
    ['doctor'],
    ['sample', 'x'],
    ...['inspect', 'check', 'read', 'checkpoint', 'compact', 'vacuum'].map((word) => ['lake', word, 'x']),
    ['serve'],
    ['start'],
  ]
  for (const argv of lines) {
    const signal = AbortSignal.abort()
    const loud = await told([...argv, '--json'], fakeBackend().backend, { signal })
    assert.equal(loud.exitCode, 0, loud.stderr)
    assert.equal(typeof JSON.parse(loud.stdout), 'object')
    const quiet = await told([...argv, '--json', '--quiet'], fakeBackend().backend, { signal })
    assert.equal(quiet.stdout, loud.stdout)
    assert.equal(quiet.stderr, '')
  }
})

test('run --json is the run result as it is, and query --json has columns with types and rows', async () => {
  const run = await told(['run', '--json'], fakeBackend().backend)
  assert.deepEqual(JSON.parse(run.stdout), published)
  const query = await told(['query', 'select 1', '--json'], fakeBackend().backend)
  assert.deepEqual(JSON.parse(query.stdout), {
    columns: [
      { name: 'dbn', type: 'string' },
      { name: 'rate', type: 'double' },
    ],
    rows: [
      ['01M015', 0.5],
      ['10X477', null],
    ],
  })
})

test('a fault says what happened, its code and what mends it, without a stack, and exits with 1', async () => {
  const fault = new Fault('land/no-folder', 'There is no folder x.', { mend: 'Name one that is there.' })
  const { backend } = fakeBackend({
    runOnce: async () => {
      throw fault
    },
  })
  const plain = await told(['run', '--from', 'x'], backend)
  assert.deepEqual(plain, {
    exitCode: 1,
    stdout: '',
    stderr: 'fairlead: There is no folder x. (land/no-folder)\n  Name one that is there.\n',
  })
  const json = await told(['run', '--from', 'x', '--json'], backend)
  assert.equal(json.exitCode, 1)
  assert.deepEqual(JSON.parse(json.stdout), {
    error: {
      code: 'land/no-folder',
      what: 'There is no folder x.',
      mend: 'Name one that is there.',
      retry: false,
      facts: {},
    },
  })
})

test('a bug of our own shows its stack and asks for a report', async () => {
  const { backend } = fakeBackend({
    lakeStatus: async () => {
      throw new TypeError('undefined is not a lake')
    },
  })
  const { exitCode, stdout, stderr } = await told(['status', '--json'], backend)
  assert.equal(exitCode, 1)
  assert.equal(JSON.parse(stdout).error.code, 'bug')
  assert.match(stderr, /bug in fairlead 1\.2\.3/)
  assert.match(stderr, /undefined is not a lake\n {4}at /)
})

test('a run that tests held back answers and exits with 1', async () => {
  const failed = [{ id: 'test.fairlead.rates', message: 'Got 3 results', failures: 3 }]
  const { backend } = fakeBackend({
    runOnce: async () => ({ ...published, outcome: 'held', published: null, failed }),
  })
  const { exitCode, stdout } = await told(['run'], backend)
  assert.equal(exitCode, 1)
  assert.match(stdout, /failed: test\.fairlead\.rates: Got 3 results/)
  assert.match(stdout, /Held back/)
  assert.equal(JSON.parse((await told(['run', '--json'], backend)).stdout).published, null)
})

test('work that Ctrl-C ended exits with 130 and says that nothing is lost', async () => {
  const { backend } = fakeBackend({
    runOnce: async () => {
      throw new Fault('machine/stopped', 'Stopped.', { mend: 'Run it again.' })
    },
  })
  const { exitCode, stderr } = await told(['run'], backend, { signal: AbortSignal.abort() })
  assert.equal(exitCode, 130)
  assert.match(stderr, /stopped\. What was committed stays/)
})

test('options reach the platform from flags, environment and file, with folders made absolute', async () => {
  const { backend, asked } = fakeBackend()
  await told(['query', 'select 1', '--lake', 'there', '--max-rows', '5'], backend, {
    environment: { FAIRLEAD_QUERY_TIMEOUT_MS: '77' },
    configText: () => 'engine:\n  memoryMb: 300\n',
  })
  const [, options] = asked[0] ?? []
  assert.deepEqual(options, {
    lake: '/home/ada/there',
    datasets: [],
    models: [],
    engine: { memoryMb: 300 },
    sql: 'select 1',
    limits: { memoryMb: 1024, timeoutMs: 77, maxRows: 5 },
  })
})

test('flags may stand before the command too', async () => {
  const { backend, asked } = fakeBackend()
  assert.equal((await told(['--lake', 'there', '--json', 'status'], backend)).exitCode, 0)
  assert.equal(asked.length, 1)
})

test('start without --from asks for a sample, with --from for its files only', async () => {
  const { backend, asked } = fakeBackend()
  await told(['start', '--once', '--schools', '7'], backend)
  await told(['start', '--once', '--from', 'files'], backend)
  const [sample, real] = asked.map(([, options]) => options)
  assert.deepEqual(Object(sample).sample, { schools: 7, seed: 2019 })
  assert.equal(Object(sample).from, undefined)
  assert.equal(Object(real).from, '/home/ada/files')
  assert.equal(Object(real).sample, undefined)
})

test('start opens the dashboard before the work, serves until it is stopped, and then closes', async () => {
  const stop = new AbortController()
  const { backend, asked } = fakeBackend({ lakeStatus: async () => ({ ...emptyLake, exists: true, sample: true }) })
  const ended = told(['start', '--port', '0'], backend, { signal: stop.signal })
  while (asked.length < 4) await new Promise((done) => setImmediate(done))
  assert.deepEqual(
    asked.map(([name]) => name),
    ['serveLake', 'runOnce', 'consume', 'playSeason'],
  )
  stop.abort()
  const { exitCode, stdout, stderr } = await ended
  assert.equal(exitCode, 0)
  assert.equal(asked.at(-1)?.[0], 'close')
  assert.match(stderr, /^Dashboard: http:\/\/localhost:0\n/)
  assert.match(stdout, /Published version 3/)
})

test('real schools are given no simulated answers unasked, and a bucket without a log of its own is only shown', async () => {
  for (const [argv, expected] of [
    [['start'], ['serveLake', 'runOnce', 'consume']],
    [
      ['start', '--season'],
      ['serveLake', 'runOnce', 'consume', 'playSeason'],
    ],
    [
      ['start', '--lake', 'gs://bucket/lake'],
      ['serveLake', 'runOnce'],
    ],
  ] as const) {
    const stop = new AbortController()
    const { backend, asked } = fakeBackend({ lakeStatus: async () => ({ ...emptyLake, exists: true }) })
    const ended = told([...argv, '--port', '0'], backend, { signal: stop.signal })
    while (asked.length < expected.length) await new Promise((done) => setImmediate(done))
    stop.abort()
    assert.equal((await ended).exitCode, 0)
    assert.deepEqual(
      asked.map(([name]) => name).filter((name) => name !== 'close'),
      expected,
    )
  }
})

test('a consumer serves its metrics where it is asked to, until it ends', async () => {
  const { backend, asked } = fakeBackend()
  const metered = await told(['stream', 'consume', '--once', '--metrics-port', '9464'], backend)
  assert.equal(metered.exitCode, 0)
  assert.match(metered.stderr, /^Metrics: http:\/\/localhost:9464\/metrics\n/)
  assert.deepEqual(
    asked.map(([name]) => name),
    ['serveMetrics', 'consume', 'close'],
  )
  assert.equal(Object(asked[0]?.[1]).port, 9464)
  asked.length = 0
  await told(['stream', 'consume', '--once'], backend)
  assert.deepEqual(
    asked.map(([name]) => name),
    ['consume'],
  )
  const wrong = await told(['stream', 'consume', '--metrics-port', '70000'], backend)
  assert.equal(wrong.exitCode, 2)
})

test('the metrics of a consumer that faults are closed', async () => {
  const { backend, asked } = fakeBackend({
    consume: async () => {
      throw new Fault('store/full', 'The disk is full.', { mend: 'Make room.' })
    },
  })
  assert.equal((await told(['stream', 'consume', '--metrics-port', '0'], backend)).exitCode, 1)
  assert.equal(asked.at(-1)?.[0], 'close')
})

test('a start whose run faults closes the server and exits with 1', async () => {
  const { backend, asked } = fakeBackend({
    runOnce: async () => {
      throw new Fault('store/full', 'The disk is full.', { mend: 'Make room.', retry: true })
    },
  })
  const { exitCode, stderr } = await told(['start'], backend)
  assert.equal(exitCode, 1)
  assert.match(stderr, /Make room\. The same call may work later, unchanged\./)
  assert.equal(asked.at(-1)?.[0], 'close')
})

test('a person is told how the run went and what the plan is', async () => {
  const run = await told(['run', '--from', 'x'], fakeBackend().backend)
  assert.match(run.stdout, /school_survey +12 +9 +1 +2 +0 +12\n/)
  assert.match(run.stdout, /1 file that no dataset takes: notes\.txt/)
  assert.match(run.stdout, /40 tests passed, 0 failed, 1 warned/)
  assert.match(run.stdout, /Published version 3 \(1\.2 s\)/)
  assert.match(run.stderr, /land +survey\.csv: 12 rows into school_survey \(5 ms\)/)
  assert.equal((await told(['run', '--quiet'], fakeBackend().backend)).stdout, '')
  const plan = await told(['run', '--dry-run'], fakeBackend().backend)
  assert.match(plan.stdout, /land +survey\.csv +not landed yet/)
  const nothing = await told(['run', '--dry-run'], fakeBackend({ planRun: async () => [] }).backend)
  assert.match(nothing.stdout, /Nothing to do/)
})

test('query prints an aligned table on stdout and the number of rows on stderr, even when quiet', async () => {
  const table = 'dbn     rate\n──────  ────\n01M015   0.5\n10X477\n'
  assert.deepEqual(await told(['query', 'select 1'], fakeBackend().backend), {
    exitCode: 0,
    stdout: table,
    stderr: '2 rows\n',
  })
  assert.deepEqual(await told(['query', 'select 1', '-q'], fakeBackend().backend), {
    exitCode: 0,
    stdout: table,
    stderr: '',
  })
})

test('a terminal gets the first rows, a pipe gets all; an answer that was cut says so in both forms', async () => {
  const rows = Array.from({ length: 80 }, (_, index) => [`row ${index}`])
  const columns = [{ name: 'name', type: 'string' as const }]
  const { backend } = fakeBackend({ queryLake: async () => ({ columns, rows, truncated: true }) })
  const terminal = await told(['query', 'select 1'], backend, { width: 80 })
  assert.equal(terminal.stdout.split('\n').length, 53)
  assert.match(terminal.stderr, /50 rows of 80 rows and more: --max-rows raises the limit/)
  const pipe = await told(['query', 'select 1'], backend)
  assert.equal(pipe.stdout.split('\n').length, 83)
  assert.equal(JSON.parse((await told(['query', 'select 1', '--json'], backend)).stdout).truncated, true)
})

test('status of an empty lake says how to fill it; of a filled one, what is in it and how fresh', async () => {
  assert.match((await told(['status'], fakeBackend().backend)).stdout, /holds nothing yet.*fairlead start/)
  const { school_survey: counts } = published.datasets
  assert.ok(counts)
  const { backend } = fakeBackend({
    lakeStatus: async () => ({
      ...emptyLake,
      exists: true,
      sample: true,
      stale: true,
      publication: {
        version: 3,
        publishedAt: '2026-11-23T09:00:00.000Z',
        tables: [{ table: 'climate_vulnerability', rows: 9 }],
        tests: published.tests,
      },
      lastRun: {
        runId: 'r',
        startedAt: '2026-11-23T10:00:00.000Z',
        tookMs: 5,
        outcome: 'held',
        failed: [{ id: 'test.fairlead.rates', message: null, failures: 3 }],
        fault: null,
      },
      datasets: { school_survey: { ...counts, files: 1, landedAt: '2026-11-23T08:59:00.000Z', conserved: false } },
    }),
  })
  const { stdout } = await told(['status'], backend)
  assert.match(stdout, /generated sample data/)
  assert.match(stdout, /version 3 at 2026-11-23T09:00:00\.000Z, 1 table, 40 tests passed, 1 warned; newer data waits/)
  assert.match(stdout, /held back at .*test\.fairlead\.rates/)
  assert.match(stdout, /school_survey +1 +12 +9 +1 +2 +0 +NO /)
})

test('doctor exits with 1 where a check fails, says what mends it, and where each option came from', async () => {
  const { backend } = fakeBackend({
    doctor: async () => [
      { name: 'node', ok: true, what: '24.21.0', mend: null },
      { name: 'port', ok: false, what: '4000 is in use', mend: 'Give another with --port.' },
    ],
  })
  const { exitCode, stdout } = await told(['doctor'], backend, { environment: { FAIRLEAD_LAKE: 'mine' } })
  assert.equal(exitCode, 1)
  assert.match(stdout, /BAD {3}port +4000 is in use\n +Give another with --port\./)
  assert.match(stdout, /lake +\/home\/ada\/mine {2}\(FAIRLEAD_LAKE\)/)
})

test('a table is named by its folder, seen from where the command runs', async () => {
  const { backend, asked } = fakeBackend()
  const inspected = await told(['lake', 'inspect', 'lake/silver/school'], backend)
  for (const words of [/2 files, 1,234 bytes, 3 rows/, /commits 2 to 7; checkpoints at 5/, /land = 9/, /a number/]) {
    assert.match(inspected.stdout, words)
  }
  await told(['lake', 'read', 't', '--as-of', '3', '--limit', '5'], backend)
  const shown = await told(['lake', 'vacuum', 't', '--retain-hours', '200'], backend)
  assert.match(shown.stdout, /^x\.parquet\n1 file of 10 bytes .* --yes removes them\.\n$/)
  await told(['lake', 'vacuum', 't', '--yes', '--even-if-readers-and-uploads-break'], backend)
  await told(['lake', 'compact', 't', '--target-mb', '32'], backend)
  assert.deepEqual(
    asked.map(([, options]) => options),
    [
      '/home/ada/lake/silver/school',
      { folder: '/home/ada/t', version: 3, maxRows: 5 },
      { folder: '/home/ada/t', retainHours: 200, evenIfReadersAndUploadsBreak: false, remove: false },
      { folder: '/home/ada/t', retainHours: undefined, evenIfReadersAndUploadsBreak: true, remove: true },
      { folder: '/home/ada/t', targetBytes: 32 * 2 ** 20, engine: { memoryMb: 2048 } },
    ],
  )
})

test('a table with something wrong exits with 1 and lists it', async () => {
  const problems = [{ kind: 'file', where: 'a.parquet', what: 'it is not there' } as const]
  const { backend } = fakeBackend({ checkTable: async () => ({ ok: false, version: 3, files: 2, problems }) })
  const { exitCode, stdout } = await told(['lake', 'check', 't'], backend)
  assert.equal(exitCode, 1)
  assert.equal(stdout, 'BAD  file a.parquet: it is not there\nVersion 3 with 2 files: 1 problem.\n')
})

test('with --json a fault is JSON on stderr too', async () => {
  const { backend } = fakeBackend({
    readTable: async () => {
      throw new Fault('lake/unsupported', 'It uses deletionVectors.', { mend: 'Use another engine.' })
    },
  })
  const { exitCode, stdout, stderr } = await told(['lake', 'read', 't', '--json'], backend)
  assert.equal(exitCode, 1)
  assert.equal(JSON.parse(stderr).code, 'lake/unsupported')
  assert.deepEqual(JSON.parse(stdout), { error: JSON.parse(stderr) })
})
