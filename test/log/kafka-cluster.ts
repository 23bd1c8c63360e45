/** Three brokers that stand in for each other, of the jars that `stack/kafka/start` has brought. */
import type { ChildProcess } from 'node:child_process'
import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort, kafkaCache, kafkaClasses, newBroker } from './kafka-broker.ts'

const run = promisify(execFile)
const startMs = 180_000
export interface TestCluster {
  /** By broker, of which the first is number 1. */
  readonly addresses: readonly string[]
  /** Brokers, all of them where none is named; a majority of the three must come up together. */
  start(...brokers: number[]): Promise<void>
  /** Hands its leaderships over first. */
  stop(broker: number): Promise<void>
  /** Without a goodbye. */
  kill(broker: number): Promise<void>
  /** Killed, with all that they kept. */
  remove(): Promise<void>
}

/** Not started yet. A broker that is silent for three seconds is taken for dead. */
export async function newCluster(): Promise<TestCluster> {
  if (!existsSync(join(kafkaCache, '.complete'))) {
    const first = await newBroker()
    await first.start().finally(first.remove)
  }
  const root = await mkdtemp(join(tmpdir(), 'fairlead-cluster-'))
  const numbers = [1, 2, 3]
  const ports = new Map<number, readonly [number, number]>()
  for (const broker of numbers) ports.set(broker, [await freePort(), await freePort()])
  const portOf = (broker: number, which: 0 | 1) => ports.get(broker)?.[which] ?? 0
  const voters = numbers.map((broker) => `${broker}@127.0.0.1:${portOf(broker, 1)}`).join(',')
  const processes = new Map<number, ChildProcess>()
  const folderOf = (broker: number) => join(root, String(broker))
  const id = randomBytes(16).toString('base64url')

  async function format(broker: number): Promise<void> {
    const folder = folderOf(broker)
    const file = join(folder, 'server.properties')
    await mkdir(folder)
    await writeFile(file, properties(broker, voters, folder, portOf(broker, 0), portOf(broker, 1)))
    await writeFile(join(folder, 'log4j2.properties'), logging(folder))
    const tool = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', file]
    await run('java', [...kafkaClasses, '-Xmx128m', '-XX:TieredStopAtLevel=1', ...tool], { timeout: startMs })
  }

  async function begin(broker: number): Promise<void> {
    const folder = folderOf(broker)
    if (!existsSync(folder)) await format(broker)
    await writeFile(join(folder, 'server.log'), '')
    const out = openSync(join(folder, 'out.log'), 'a')
    const child = spawn(
      'java',
      [
        ...[...kafkaClasses, `-Dlog4j2.configurationFile=${join(folder, 'log4j2.properties')}`, '-Xms192m', '-Xmx192m'],
        ...['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true'],
        ...['kafka.Kafka', join(folder, 'server.properties')],
      ],
      { stdio: ['ignore', out, out] },
    )
    processes.set(broker, child)
    for (const beganMs = Date.now(); ; await sleep(50)) {
      const log = await readFile(join(folder, 'server.log'), 'utf8')
      if (log.includes('Kafka Server started')) return
      if (child.exitCode === null && child.signalCode === null && Date.now() - beganMs < startMs) continue
      throw new Error(`broker ${broker} did not start: ${log.slice(-2_000)}`)
    }
  }

  async function end(broker: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = processes.get(broker)
    processes.delete(broker)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  return {
    addresses: numbers.map((broker) => `127.0.0.1:${portOf(broker, 0)}`),
    async start(...brokers) {
      await Promise.all((brokers.length === 0 ? numbers : brokers).map(begin))
    },
    stop: (broker) => end(broker, 'SIGTERM'),
    kill: (broker) => end(broker, 'SIGKILL'),
    async remove() {
      await Promise.all(numbers.map((broker) => end(broker, 'SIGKILL')))
      await rm(root, { recursive: true, force: true })
    },
  }
}

function properties(broker: number, voters: string, folder: string, port: number, controllerPort: number): string {
  const replicated = ['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic']
  return [
    ...['process.roles=broker,controller', `node.id=${broker}`, `controller.quorum.voters=${voters}`],
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    ...[`advertised.listeners=PLAINTEXT://127.0.0.1:${port}`, 'controller.listener.names=CONTROLLER'],
    ...['listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT', `log.dirs=${folder}/data`],
    ...['auto.create.topics.enable=false', 'default.replication.factor=3', 'min.insync.replicas=2'],
    ...replicated.flatMap((topic) => [`${topic}.num.partitions=1`, `${topic}.replication.factor=3`]),
    ...['transaction.state.log.min.isr=2', 'share.coordinator.state.topic.min.isr=2'],
    ...['broker.session.timeout.ms=3000', 'broker.heartbeat.interval.ms=500', 'replica.lag.time.max.ms=3000'],
    ...['controller.quorum.election.timeout.ms=500', 'controller.quorum.fetch.timeout.ms=1000'],
    ...['group.initial.rebalance.delay.ms=0', 'group.min.session.timeout.ms=1000', 'log.retention.hours=-1'],
    ...['num.network.threads=2', 'num.io.threads=2', 'log.cleaner.dedupe.buffer.size=2097152'],
  ].join('\n')
}

function logging(folder: string): string {
  return [
    ...['rootLogger.level=INFO', 'rootLogger.appenderRef.f.ref=F', 'appender.f.type=File', 'appender.f.name=F'],
    ...[`appender.f.fileName=${folder}/server.log`, 'appender.f.layout.type=PatternLayout'],
    'appender.f.layout.pattern=[%d] %p %m (%c)%n',
  ].join('\n')
}
