import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import type { OptionSources, Spec } from '#config'
import { fairleadSpec, readOptions } from '#config'
import { Fault } from '#port'

const nothing: OptionSources = {
  flags: {},
  environment: {},
  file: { name: 'fairlead.yaml', text: undefined },
  resolve: (path) => resolve('/home/ada', path),
}

function yaml(text: string): OptionSources {
  return { ...nothing, file: { name: 'fairlead.yaml', text } }
}

function fault(work: () => unknown): Fault {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new assert.AssertionError({ message: 'no fault' })
}

test('with nothing set, every option has its default and says so', () => {
  const { options, settings } = readOptions(fairleadSpec, nothing)
  assert.equal(options.lake, '/home/ada/.fairlead')
  assert.equal(options.port, 4000)
  assert.deepEqual(options.datasets, [])
  assert.ok(options.query.maxRows > 0)
  assert.deepEqual(new Set(settings.map((setting) => setting.from)), new Set(['default']))
})

test('a flag beats the environment, which beats the file, which beats the default; each says where it came from', () => {
  const file = 'lake: from-file\nport: 1\nquery:\n  maxRows: 7\n  timeoutMs: 9\n'
  const { options, settings } = readOptions(fairleadSpec, {
    ...yaml(file),
    environment: { FAIRLEAD_LAKE: 'from-environment', FAIRLEAD_PORT: '2', FAIRLEAD_QUERY_MAX_ROWS: '8' },
    flags: { lake: { flag: '--lake', value: '/from/flag' } },
  })
  assert.equal(options.lake, '/from/flag')
  assert.equal(options.port, 2)
  assert.equal(options.query.maxRows, 8)
  assert.equal(options.query.timeoutMs, 9)
  const from = Object.fromEntries(settings.map((setting) => [setting.key, setting.from]))
  assert.equal(from.lake, '--lake')
  assert.equal(from.port, 'FAIRLEAD_PORT')
  assert.equal(from['query.maxRows'], 'FAIRLEAD_QUERY_MAX_ROWS')
  assert.equal(from['query.timeoutMs'], 'fairlead.yaml:5')
  assert.equal(from['engine.memoryMb'], 'default')
})

test('folders may be a YAML list or a text with commas, and become absolute', () => {
  assert.deepEqual(readOptions(fairleadSpec, yaml('datasets: [mine, /theirs]')).options.datasets, [
    '/home/ada/mine',
    '/theirs',
  ])
  const environment = { FAIRLEAD_DATASETS: 'a, b' }
  assert.deepEqual(readOptions(fairleadSpec, { ...nothing, environment }).options.datasets, [
    '/home/ada/a',
    '/home/ada/b',
  ])
})

test('an option that does not exist is refused with its line and what was probably meant', () => {
  const unknown = fault(() => readOptions(fairleadSpec, yaml('lake: here\nquery:\n  maxRow: 3\n')))
  assert.equal(unknown.code, 'config/unknown-option')
  assert.equal(unknown.message, 'fairlead.yaml:3: query.maxRow is not an option. Did you mean query.maxRows?')
  assert.equal(unknown.exitCode, 1)
  assert.match(fault(() => readOptions(fairleadSpec, yaml('banana: 1'))).mend, /lake, port/)
})

test('a group given a value of its own says what belongs in it', () => {
  const wrong = fault(() => readOptions(fairleadSpec, yaml('query: fast')))
  assert.match(wrong.mend, /query is a group.*query\.maxRows/)
  assert.equal(readOptions(fairleadSpec, yaml('query:\n')).options.port, 4000)
})

test('a slip in an environment name is refused; a name of another tool is not', () => {
  const slip = fault(() => readOptions(fairleadSpec, { ...nothing, environment: { FAIRLEAD_PROT: '1' } }))
  assert.match(slip.message, /FAIRLEAD_PROT is not an option\. Did you mean FAIRLEAD_PORT\?/)
  const other = { ...nothing, environment: { FAIRLEAD_STACK_CACHE: '/x', FAIRLEAD_SHARED: '/y', HOME: '/z' } }
  assert.equal(readOptions(fairleadSpec, other).options.port, 4000)
})

test('a value of the wrong kind is a mistake of usage in a flag and of configuration elsewhere', () => {
  const flag = fault(() =>
    readOptions(fairleadSpec, { ...nothing, flags: { port: { flag: '--port', value: 'many' } } }),
  )
  assert.equal(flag.code, 'usage/bad-value')
  assert.equal(flag.exitCode, 2)
  assert.equal(flag.message, '--port is "many", but port is a whole number from 0 to 65535.')
  const environment = fault(() => readOptions(fairleadSpec, { ...nothing, environment: { FAIRLEAD_PORT: '70000' } }))
  assert.equal(environment.code, 'config/bad-value')
  assert.equal(environment.exitCode, 1)
  assert.equal(fault(() => readOptions(fairleadSpec, yaml('port: 1.5'))).code, 'config/bad-value')
  assert.equal(fault(() => readOptions(fairleadSpec, yaml('lake: 3'))).code, 'config/bad-value')
})

test('an option that must be given says where it was looked for', () => {
  const spec = { kafka: { brokers: { kind: 'text', about: 'Bootstrap brokers' } } } as const satisfies Spec
  const missing = fault(() => readOptions(spec, nothing))
  assert.equal(missing.code, 'config/missing-option')
  assert.match(missing.message, /kafka\.brokers \(Bootstrap brokers\) is not set/)
  assert.match(missing.mend, /FAIRLEAD_KAFKA_BROKERS.*fairlead\.yaml \(not there\)/)
})

test('optional and true-or-false options have their types', () => {
  const spec = {
    name: { kind: 'text', about: 'A name', optional: true },
    strict: { kind: 'boolean', about: 'Be strict', default: false },
  } as const satisfies Spec
  const { options } = readOptions(spec, yaml('strict: true'))
  const strict: boolean = options.strict
  const name: string | undefined = options.name
  assert.equal(strict, true)
  assert.equal(name, undefined)
  assert.equal(fault(() => readOptions(spec, yaml('strict: perhaps'))).code, 'config/bad-value')
})

test('a file that is no YAML is refused with its line', () => {
  const broken = fault(() => readOptions(fairleadSpec, yaml('lake: "open\nport: 1\n')))
  assert.equal(broken.code, 'config/unreadable')
  assert.match(broken.message, /^fairlead\.yaml:[0-9]+: /)
  assert.equal(fault(() => readOptions(fairleadSpec, yaml('just words'))).code, 'config/unreadable')
  assert.equal(readOptions(fairleadSpec, yaml('# nothing yet\n')).options.port, 4000)
})

test('a secret comes from the environment, is never shown, and is refused in the file by name', () => {
  const environment = { FAIRLEAD_KAFKA_PASSWORD: 'hunter2' }
  const { options, settings } = readOptions(fairleadSpec, { ...nothing, environment })
  assert.equal(options.kafka.password, 'hunter2')
  assert.doesNotMatch(JSON.stringify(settings), /hunter2/)
  assert.equal(settings.find(({ key }) => key === 'kafka.password')?.value, 'set')
  const refused = fault(() => readOptions(fairleadSpec, yaml('kafka:\n  brokers: [b:9092]\n  password: hunter2\n')))
  assert.equal(refused.code, 'config/secret-in-file')
  assert.match(`${refused.message} ${refused.mend}`, /fairlead\.yaml:3: kafka\.password .*FAIRLEAD_KAFKA_PASSWORD/)
  assert.doesNotMatch(JSON.stringify(refused), /hunter2/)
})

test('brokers are a list or a text with commas, and stay as they are written', () => {
  const { kafka } = readOptions(fairleadSpec, yaml('kafka:\n  brokers: [b:9092, c:9093]\n')).options
  assert.deepEqual(kafka.brokers, ['b:9092', 'c:9093'])
  const environment = { FAIRLEAD_KAFKA_BROKERS: 'b:9092, c:9093' }
  assert.deepEqual(readOptions(fairleadSpec, { ...nothing, environment }).options.kafka.brokers, kafka.brokers)
})
