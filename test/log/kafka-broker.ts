import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { KafkaOptions } from '#log'
import { kafkaLog } from '#log'
import type { RecordLog } from '#port'

const run = promisify(execFile)
const startMs = 180_000
const scripts = process.env.FAIRLEAD_SHARED === undefined ? undefined : join(process.env.FAIRLEAD_SHARED, 'stack/kafka')

/** Where `stack/kafka/start` keeps Kafka's jars. */
export const kafkaCache = join(
  process.env.FAIRLEAD_STACK_CACHE ?? join(homedir(), '.cache/fairlead-stack'),
  `kafka-${process.env.KAFKA_VERSION ?? '4.4.0'}`,
)
/** For `java`. */
export const kafkaClasses = ['-cp', join(kafkaCache, 'lib/*')]

/** Why there is no broker to test with; undefined where there is. */
export const whyNoBroker =
  scripts !== undefined && existsSync(join(scripts, 'start'))
    ? undefined
    : 'FAIRLEAD_SHARED names no folder with stack/kafka/start, which starts a Kafka broker'

export interface TestBroker {
  readonly address: string
  /** Where it keeps its state; files for it may be laid there. */
  readonly folder: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Without a goodbye. */
  kill(): Promise<void>
  /** Stopped, with all that it kept. */
  remove(): Promise<void>
}

/** A broker of its own, not started yet. `extra` are lines for its `server.properties`, which may name the folder and the port. */
export async function newBroker(
  extra: (folder: string, port: number) => readonly string[] = () => [],
): Promise<TestBroker> {
  if (scripts === undefined) throw new Error(whyNoBroker)
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-kafka-'))
  const port = await freePort()
  const env = { ...process.env, KAFKA_HEAP: '256m', KAFKA_EXTRA: extra(folder, port).join('\n') }
  // The broker outlives the script and has its output, so the script's end is what counts.
  const script = (name: string, ...argv: string[]) =>
    run(join(scripts, name), [folder, ...argv], { env, timeout: startMs, killSignal: 'SIGKILL' })
  return {
    ...{ address: `127.0.0.1:${port}`, folder },
    start: async () => void (await script('start', String(port))),
    stop: async () => void (await script('stop')),
    kill: async () => void (await script('stop', '-9')),
    async remove() {
      await script('stop', '-9')
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The controller listens on the port after it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await new Promise<number>((resolve, reject) => {
      const server = createServer()
      server.once('error', reject)
      server.listen(0, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
      })
    })
    if (port < 65_000) return port
  }
}

export function openKafka(
  address: string | readonly string[],
  options: Partial<KafkaOptions> = {},
): Promise<RecordLog> {
  return kafkaLog(
    { brokers: [address].flat(), replication: -1, sessionMs: 10_000, tls: undefined, sasl: undefined, ...options },
    {
      report(event) {
        throw new Error(`Nothing was to be reported: ${JSON.stringify(event)}`)
      },
    },
  )
}
