import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { KafkaOptions, KafkaSasl, KafkaTls } from '#log'
import { Fault } from '#port'
import type { KafkaSettings } from './api.ts'

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const

/** As the log wants them, with what stands in files. Fault: `config/kafka`. */
export async function kafkaOptions(settings: KafkaSettings): Promise<KafkaOptions> {
  const { brokers, replication, sessionMs } = settings
  for (const broker of brokers) {
    if (/^(\[[0-9a-f:.]+\]|[^\s:/@]+):[0-9]{1,5}$/i.test(broker)) continue
    // What does not look like an address may hold a password, so it is not repeated.
    throw kafkaFault('One of kafka.brokers is no host:port.', 'Write each as host:port, without a user or a scheme.')
  }
  return { brokers, replication, sessionMs, tls: await tlsOf(settings), sasl: saslOf(settings) }
}

async function tlsOf({ tls, ca, cert, key, keyPassword }: KafkaSettings): Promise<KafkaTls | undefined> {
  if (!tls) {
    if (ca === undefined && cert === undefined && key === undefined) return undefined
    throw kafkaFault('Certificates are given for Kafka, but not TLS.', 'Set kafka.tls to true, or leave them out.')
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw kafkaFault(
      'Of a certificate for Kafka and its key, one is given without the other.',
      'Set kafka.cert and kafka.key, or neither.',
    )
  }
  const texts = {
    ca: await textOf('kafka.ca', ca),
    cert: await textOf('kafka.cert', cert),
    key: await textOf('kafka.key', key),
  }
  try {
    createSecureContext({ ca: texts.ca, cert: texts.cert, key: texts.key, passphrase: keyPassword })
  } catch (cause) {
    throw new Fault('config/kafka', 'The certificates given for Kafka, or the key, cannot be used.', {
      mend: 'See whether kafka.ca, kafka.cert and kafka.key are PEM, the key is the certificate’s, and FAIRLEAD_KAFKA_KEY_PASSWORD is set where it has a password.',
      ...{ cause, facts: { error: String(Reflect.get(Object(cause), 'code')) } },
    })
  }
  return { ...texts, keyPassword }
}

function saslOf({ mechanism: asked, username, password, token, tokenFile }: KafkaSettings): KafkaSasl | undefined {
  if (asked === undefined) {
    if (username === undefined) return undefined
    throw kafkaFault(
      'A user is given for Kafka, but no way to sign in.',
      `Set kafka.mechanism: ${mechanisms.join(', ')}.`,
    )
  }
  const mechanism = mechanisms.find((one) => one === asked.toUpperCase())
  if (mechanism === undefined) {
    throw kafkaFault(`kafka.mechanism ${asked} is none that is known.`, `Use one of ${mechanisms.join(', ')}.`)
  }
  if (mechanism === 'OAUTHBEARER') {
    if (token !== undefined) return { mechanism, token: async () => token }
    if (tokenFile !== undefined)
      return { mechanism, token: async () => (await textOf('kafka.tokenFile', tokenFile)).trim() }
    throw kafkaFault('There is no token to sign in at Kafka.', 'Set FAIRLEAD_KAFKA_TOKEN, or kafka.tokenFile.')
  }
  if (username !== undefined && password !== undefined) return { mechanism, username, password }
  throw kafkaFault(
    `Signing in at Kafka by ${mechanism} takes a user and a password.`,
    'Set kafka.username, and FAIRLEAD_KAFKA_PASSWORD in the environment.',
  )
}

async function textOf<T extends string | undefined>(option: string, file: T): Promise<T | string> {
  if (file === undefined) return file
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Fault('config/kafka', `${option} names ${file}, which cannot be read.`, {
      mend: 'Give the path of a file that this user may read.',
      ...{ cause, facts: { option, file } },
    })
  }
}

function kafkaFault(what: string, mend: string): Fault {
  return new Fault('config/kafka', what, { mend })
}
