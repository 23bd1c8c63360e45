import { setTimeout as sleep } from 'node:timers/promises'
import { Fault } from '#port'
import type { Asked } from './kafka-fault.ts'
import { errorOf, faultOf, protocolFault } from './kafka-fault.ts'
import type { API, Connection, KafkaLibrary } from './kafka-library.ts'
import { spoken } from './kafka-library.ts'
import type { KafkaOptions } from './kafka-options.ts'
import { connectionOptions } from './kafka-options.ts'

export interface Broker {
  readonly host: string
  readonly port: number
}

/** Connections to a cluster, and requests over them. Faults of every request: those of `faultOf`. */
export interface KafkaClient {
  readonly name: string
  readonly library: KafkaLibrary
  readonly api: ReturnType<typeof spoken>
  readonly options: KafkaOptions
  /** A broker answers the requests of one connection in order, so what waits has a connection of its own purpose. */
  connect(broker: Broker, purpose: string, asked: Asked): Promise<Connection>
  /** To any broker. */
  connectAny(asked: Asked): Promise<Connection>
  ask<A extends unknown[], R>(connection: Connection, api: API<A, R>, asked: Asked, ...args: A): Promise<R>
  asked(what: string, facts?: Fault['facts']): Asked
  /** Brokers as a cluster told of them; they are tried first. */
  learnBrokers(brokers: readonly Broker[]): void
  readonly isClosed: boolean
  close(): Promise<void>
}

export function kafkaClient(options: KafkaOptions, library: KafkaLibrary): KafkaClient {
  const name = `kafka://${options.brokers.join(',')}`
  const api = spoken(library.module)
  const connections = new Map<string, Promise<Connection>>()
  const given = options.brokers.map(brokerOf)
  let learned: readonly Broker[] = []
  /** What connections broke of. Their requests are told only that they closed: a broker that refuses a certificate says so when all seemed well. */
  const broken = new WeakMap<Connection, unknown>()
  const whole = (connection: Connection, error: unknown): unknown =>
    broken.has(connection) ? new AggregateError([error, broken.get(connection)]) : error
  /** Answered what versions it speaks. */
  const known = new Set<string>()
  let isClosed = false

  async function open(key: string, { host, port }: Broker, asked: Asked): Promise<Connection> {
    const connection = new library.module.Connection('fairlead', connectionOptions(options, host))
    const forget = () => void connections.delete(key)
    connection.on('error', (error) => {
      broken.set(connection, error)
      forget()
    })
    connection.on('close', forget)
    try {
      await connection.connect(host, port)
      if (!known.has(`${host}:${port}`)) await checkVersions(connection, { host, port }, asked)
      return connection
    } catch (error) {
      forget()
      await connection.close().catch(() => {}) // what it failed of is told
      throw faultOf(whole(connection, error), { ...asked, facts: { ...asked.facts, broker: `${host}:${port}` } })
    }
  }

  async function checkVersions(connection: Connection, { host, port }: Broker, asked: Asked): Promise<void> {
    const { apiKeys } = await api.apiVersions.async(connection, 'fairlead', '1')
    for (const [name, { key, version }] of Object.entries(api)) {
      const offered = apiKeys.find(({ apiKey }) => apiKey === key)
      if (offered !== undefined && version >= offered.minVersion && version <= offered.maxVersion) continue
      throw protocolFault('UNSUPPORTED_VERSION', { ...asked, facts: { ...asked.facts, message: name, version } })
    }
    known.add(`${host}:${port}`)
  }

  const client: KafkaClient = {
    ...{ name, library, api, options },
    get isClosed() {
      return isClosed
    },
    asked: (what, facts = {}) => ({ log: name, what, facts }),
    learnBrokers(brokers) {
      learned = brokers
    },
    async connect(broker, purpose, asked) {
      if (isClosed) throw faultOf({ code: 'CLOSED' }, asked)
      const key = `${broker.host}:${broker.port} ${purpose}`
      const standing = connections.get(key)
      if (standing !== undefined) return standing
      const opening = open(key, broker, asked)
      connections.set(key, opening)
      return opening
    },
    async connectAny(asked) {
      let first: unknown
      for (const broker of [...learned, ...given]) {
        try {
          return await client.connect(broker, 'any', asked)
        } catch (error) {
          // Who was refused by one broker knows more than that another one is silent.
          if (first === undefined || (error instanceof Fault && !error.retry)) first = error
        }
      }
      throw first
    },
    async ask(connection, { async: request }, asked, ...args) {
      try {
        return await request(connection, ...args)
      } catch (error) {
        throw faultOf(whole(connection, error), asked)
      }
    },
    async close() {
      isClosed = true
      const open = await Promise.allSettled(connections.values())
      connections.clear()
      await Promise.allSettled(open.map((each) => (each.status === 'fulfilled' ? each.value.close() : undefined)))
    },
  }
  return client
}

function brokerOf(text: string): Broker {
  const at = text.lastIndexOf(':')
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}

const firstWaitMs = 25
const longestWaitMs = 800

/** Tries again what weather stopped, for some seconds; `again` hears of it first. */
export async function throughWeather<T>(
  work: () => Promise<T>,
  { attempts = 8, again = () => {} }: { readonly attempts?: number; readonly again?: (fault: Fault) => void } = {},
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Fault) || !error.retry || attempt >= attempts || errorOf(error) === 'CLOSED') throw error
      again(error)
      await sleep(Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2))
    }
  }
}
