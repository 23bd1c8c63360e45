import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { pbkdf2Sync } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { alterUserScramCredentialsV0, Connection } from '@platformatic/kafka'
import type { KafkaSasl, KafkaTls } from '#log'
import { isFault, record, valuesFrom } from './conformance.ts'
import type { TestBroker } from './kafka-broker.ts'
import { newBroker, openKafka, whyNoBroker } from './kafka-broker.ts'

const run = promisify(execFile)
const user = (username: string, password: string) =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="${username}" password="${password}" user_${username}="${password}" user_guest="guest-secret";`

/** Beside the plain listener, over which the broker talks to itself: four that ask who is there. */
function secured(folder: string, port: number): readonly string[] {
  const [plain, scram, oauth, mutual] = [port + 2, port + 3, port + 4, port + 5]
  return [
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${port + 1},PLAIN://127.0.0.1:${plain},SCRAM://127.0.0.1:${scram},OAUTH://127.0.0.1:${oauth},MUTUAL://127.0.0.1:${mutual}`,
    `advertised.listeners=PLAINTEXT://127.0.0.1:${port},PLAIN://127.0.0.1:${plain},SCRAM://127.0.0.1:${scram},OAUTH://127.0.0.1:${oauth},MUTUAL://127.0.0.1:${mutual}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PLAIN:SASL_SSL,SCRAM:SASL_PLAINTEXT,OAUTH:SASL_PLAINTEXT,MUTUAL:SSL',
    'listener.name.plain.sasl.enabled.mechanisms=PLAIN',
    `listener.name.plain.plain.sasl.jaas.config=${user('ada', 'ada-secret')}`,
    'listener.name.scram.sasl.enabled.mechanisms=SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.scram.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.scram.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'listener.name.oauth.sasl.enabled.mechanisms=OAUTHBEARER',
    'listener.name.oauth.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
    'ssl.keystore.type=PEM',
    `ssl.keystore.location=${folder}/server.pem`,
    'ssl.client.auth=none',
    'listener.name.mutual.ssl.client.auth=required',
    'listener.name.mutual.ssl.truststore.type=PEM',
    `listener.name.mutual.ssl.truststore.location=${folder}/ca.crt`,
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users=User:ANONYMOUS;User:ada;User:broker;User:CN=lander',
  ]
}

if (whyNoBroker !== undefined) test('kafka', { skip: whyNoBroker }, () => {})
else {
  let broker: TestBroker
  let ca = ''
  const at = (offset: number) => `127.0.0.1:${Number(broker.address.split(':')[1]) + offset}`
  before(async () => {
    broker = await newBroker(secured)
    ca = await certificates(broker.folder)
    await broker.start()
    const connection = new Connection('test')
    await connection.connect('127.0.0.1', Number(broker.address.split(':')[1]))
    const upsertions = [1, 2].map((mechanism) => ({
      ...{ name: 'ada', mechanism, iterations: 4096, salt: Buffer.from('salt of ada') },
      saltedPassword: saltedPassword(mechanism === 1 ? 'sha256' : 'sha512', 'ada-secret', 'salt of ada'),
    }))
    for (const one of upsertions) await alterUserScramCredentialsV0.api.async(connection, [], [one])
    await connection.close()
  })
  after(() => broker.remove())

  const tls = (own: Partial<KafkaTls> = {}): KafkaTls => ({ ca, ...own })
  const plain = (password: string, username = 'ada'): KafkaSasl => ({ mechanism: 'PLAIN', username, password })

  async function worksWith(address: string, options: Parameters<typeof openKafka>[1]): Promise<void> {
    const log = await openKafka(address, options)
    try {
      const topic = await log.createTopic('secured', 2)
      const before = (await valuesFrom(log, topic)).length
      const sequence = await log.sequenceOf(topic, 'p')
      await log.append(topic, [record('a'), record('b', 1)], { id: 'p', sequence })
      assert.equal((await valuesFrom(log, topic)).length, before + 1)
      const member = await log.join(topic, 'lake', async () => {})
      assert.deepEqual(member.assigned().partitions, [0, 1])
      await member.leave()
    } finally {
      await log.close()
    }
  }

  async function isRefused(address: string, options: Parameters<typeof openKafka>[1]): Promise<void> {
    const log = await openKafka(address, options)
    try {
      await assert.rejects(log.topic('secured'), (error) => {
        assert.doesNotMatch(`${String(error)} ${JSON.stringify(error)}`, /secret/)
        return isFault('log/refused')(error)
      })
    } finally {
      await log.close()
    }
  }

  test('kafka: TLS with an authority of one’s own, and PLAIN over it', async () => {
    await worksWith(at(2), { tls: tls(), sasl: plain('ada-secret') })
    await isRefused(at(2), { tls: tls(), sasl: plain('a wrong secret') })
    await isRefused(at(2), { tls: { ca: undefined }, sasl: plain('ada-secret') })
  })

  test('kafka: a certificate of the client’s own, whose key has a password, where the broker asks for one', async () => {
    const [cert, key, plainKey] = await Promise.all(
      ['client.crt', 'client.locked.key', 'client.key'].map((name) => readFile(join(broker.folder, name), 'utf8')),
    )
    await worksWith(at(5), { tls: tls({ cert, key: plainKey }) })
    await worksWith(at(5), { tls: tls({ cert, key, keyPassword: 'key-secret' }) })
    await isRefused(at(5), { tls: tls() })
    await isRefused(at(5), { tls: tls({ cert, key, keyPassword: 'a wrong secret' }) })
    await isRefused(at(5), { tls: tls({ cert, key: 'no key at all' }) })
  })

  test('kafka: SCRAM of either strength', async () => {
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const) {
      await worksWith(at(3), { sasl: { mechanism, username: 'ada', password: 'ada-secret' } })
      await isRefused(at(3), { sasl: { mechanism, username: 'ada', password: 'a wrong secret' } })
      await isRefused(at(3), { sasl: { mechanism, username: 'nobody', password: 'ada-secret' } })
    }
    await isRefused(at(3), { sasl: plain('ada-secret') })
  })

  test('kafka: OAUTHBEARER, with a token that is asked for at each sign-in', async () => {
    let asked = 0
    const token = async () => {
      asked += 1
      return unsecuredToken('ada')
    }
    await worksWith(at(4), { sasl: { mechanism: 'OAUTHBEARER', token } })
    assert.ok(asked > 1)
    await isRefused(at(4), { sasl: { mechanism: 'OAUTHBEARER', token: async () => 'no token' } })
  })

  test('kafka: what a user may not do is refused by name', async () => {
    const log = await openKafka(broker.address)
    const topic = await log.createTopic('secured', 2)
    await log.close()
    const guest = await openKafka(at(2), { tls: tls(), sasl: plain('guest-secret', 'guest') })
    const limits = { maxBytes: 1 << 20, maxRecords: 10 }
    const denied = isFault('log/refused', { error: 'TOPIC_AUTHORIZATION_FAILED' })
    await assert.rejects(guest.topic('secured'), denied)
    await assert.rejects(guest.read(topic, 0, 0, limits), denied)
    await assert.rejects(guest.append(topic, [record('x')]), denied)
    await assert.rejects(guest.createTopic('theirs', 1), isFault('log/refused'))
    await guest.close()
  })

  test('kafka: a broker that speaks TLS is not spoken to without, and the other way round no record is lost in silence', async () => {
    const without = await openKafka(at(2))
    await assert.rejects(without.topic('secured'), (error) => /^log\//.test(Reflect.get(Object(error), 'code')))
    await without.close()
    const withTls = await openKafka(broker.address, { tls: tls() })
    await assert.rejects(withTls.topic('secured'), (error) => /^log\//.test(Reflect.get(Object(error), 'code')))
    await withTls.close()
  })
}

/** An authority, the broker's key and certificate, and a client's, as PEM; answers the authority's certificate. */
async function certificates(folder: string): Promise<string> {
  const file = (name: string) => join(folder, name)
  const openssl = (...argv: string[]) => run('openssl', argv, { cwd: folder, timeout: 60_000 })
  await openssl(
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=Test Authority'],
    ...['-keyout', file('ca.key'), '-out', file('ca.crt')],
  )
  await writeFile(file('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  for (const [who, name] of [
    ['server', 'broker'],
    ['client', 'lander'],
  ]) {
    await openssl(
      ...['req', '-newkey', 'rsa:2048', '-nodes', '-subj', `/CN=${name}`],
      ...['-keyout', file(`${who}.key`), '-out', file(`${who}.csr`)],
    )
    await openssl(
      ...['x509', '-req', '-days', '2', '-CAcreateserial', '-CA', file('ca.crt'), '-CAkey', file('ca.key')],
      ...['-in', file(`${who}.csr`), '-out', file(`${who}.crt`), '-extfile', file('names')],
    )
  }
  await openssl(
    ...['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', 'pass:key-secret'],
    ...['-in', file('client.key'), '-out', file('client.locked.key')],
  )
  const [key, cert, ca] = await Promise.all(
    ['server.key', 'server.crt', 'ca.crt'].map((name) => readFile(file(name), 'utf8')),
  )
  await writeFile(file('server.pem'), `${key}${cert}`)
  return ca ?? ''
}

function saltedPassword(digest: string, password: string, salt: string): Buffer {
  return pbkdf2Sync(password, salt, 4096, digest === 'sha256' ? 32 : 64, digest)
}

/** As brokers take them in tests: signed by nobody. */
function unsecuredToken(subject: string): string {
  const seconds = Math.floor(Date.now() / 1000)
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: seconds, exp: seconds + 600 })}.`
}
