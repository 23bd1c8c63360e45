import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { rootCertificates } from 'node:tls'
import type { KafkaSettings } from '../../src/platform/api.ts'
import { kafkaOptions } from '../../src/platform/kafka.ts'

const plain: KafkaSettings = { brokers: ['broker:9092', '[::1]:9093'], replication: -1, sessionMs: 10_000, tls: false }
const refused = (settings: Partial<KafkaSettings>) =>
  assert.rejects(kafkaOptions({ ...plain, ...settings }), { code: 'config/kafka' })

test('brokers alone are enough', async () => {
  assert.deepEqual(await kafkaOptions(plain), {
    ...{ brokers: plain.brokers, replication: -1, sessionMs: 10_000 },
    tls: undefined,
    sasl: undefined,
  })
})

test('what is half said is refused, and an address with a password in it is not repeated', async () => {
  await refused({ brokers: ['broker'] })
  await assert.rejects(kafkaOptions({ ...plain, brokers: ['ada:secret@broker:9092'] }), (error) => {
    assert.doesNotMatch(String(error), /secret/)
    return true
  })
  await refused({ ca: '/ca.pem' })
  await refused({ username: 'ada' })
  await refused({ mechanism: 'GSSAPI' })
  await refused({ mechanism: 'PLAIN', username: 'ada' })
  await refused({ mechanism: 'OAUTHBEARER' })
  await refused({ tls: true, ca: '/there/is/no/such/file' })
})

test('certificates are read from their files, a token at each sign-in', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-kafka-options-'))
  try {
    const [ca, tokenFile] = [join(folder, 'ca.pem'), join(folder, 'token')]
    await writeFile(ca, rootCertificates[0] ?? '')
    await writeFile(tokenFile, 'first\n')
    const { tls, sasl } = await kafkaOptions({ ...plain, tls: true, ca, mechanism: 'oauthbearer', tokenFile })
    assert.equal(tls?.ca, rootCertificates[0])
    assert.ok(sasl?.mechanism === 'OAUTHBEARER')
    assert.equal(await sasl.token(), 'first')
    await writeFile(tokenFile, 'second')
    assert.equal(await sasl.token(), 'second')
    await writeFile(join(folder, 'cert.pem'), rootCertificates[0] ?? '')
    await writeFile(join(folder, 'key.pem'), 'no key at all')
    const cert = join(folder, 'cert.pem')
    await refused({ tls: true, cert })
    await refused({ tls: true, cert, key: join(folder, 'key.pem') })
  } finally {
    await rm(folder, { recursive: true })
  }
})
