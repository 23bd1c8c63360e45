/**
 * What the Kafka benches need beside them: a broker, and the peers. A broker and a Spark server that already run are named in the environment
 * (`FAIRLEAD_BENCH_KAFKA=host:port`; `SPARK_REMOTE` and `SPARK_PID_FILE`); else both are started from `FAIRLEAD_SHARED/stack`, and stopped in the end.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { newBroker } from '../test/log/kafka-broker.ts'
import { sparkPython, startSpark } from '../test/platform/spark.ts'

const shared = process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../shared')
const scripts = join(shared, 'stack')
const cache = process.env.FAIRLEAD_STACK_CACHE ?? join(homedir(), '.cache/fairlead-stack')

export const versions = { kafka: '4.4.0', spark: '4.2.0', delta: '4.4.0', deltalake: '1.6.6', confluent: '2.16.1' }

export interface Running {
  stop(): Promise<void>
}

export interface Peer {
  readonly name: string
  /** For `bash -c`. */
  readonly command: string
}

export async function broker(): Promise<Running & { readonly address: string }> {
  const given = process.env.FAIRLEAD_BENCH_KAFKA
  if (given !== undefined) return { address: given, stop: async () => {} }
  const own = await newBroker()
  await own.start()
  return { address: own.address, stop: () => own.remove() }
}

/** Undefined where Spark is not to be had. Its commands are run in the environment that is set here. */
export function spark(): Running | undefined {
  if (process.env.SPARK_REMOTE !== undefined) return { stop: async () => {} }
  if (sparkPython() === undefined) return undefined
  const { url, pidFile, stop } = startSpark()
  Object.assign(process.env, { SPARK_REMOTE: url, SPARK_PID_FILE: pidFile })
  return {
    async stop() {
      stop()
      delete process.env.SPARK_REMOTE
    },
  }
}

/** A command for the Spark server; `argv` as `stack/bench/spark_stream.py` takes it. */
export function sparkCommand(address: string, argv: string): string {
  return `KAFKA=${address} ${sparkPython()} -W ignore ${join(scripts, 'bench/spark_stream.py')} ${argv}`
}

/** What a Python user writes, `argv` as `stack/bench/py_delta.py` takes it; undefined where its packages are not to be had. */
export function pythonCommand(address: string, argv: string): string | undefined {
  const script = join(scripts, 'bench/py_delta.py')
  const python = pythonWithKafka()
  return python === undefined || !existsSync(script) ? undefined : `KAFKA=${address} ${python} ${script} ${argv}`
}

function pythonWithKafka(): string | undefined {
  const venv = join(cache, 'bench-python')
  const bin = join(venv, 'bin/python')
  const ready = () =>
    existsSync(bin) && spawnSync(bin, ['-c', 'import confluent_kafka, deltalake, pyarrow, orjson']).status === 0
  if (ready()) return bin
  if (spawnSync('python3', ['-m', 'venv', venv]).status !== 0) return undefined
  const packages = [
    `confluent-kafka==${versions.confluent}`,
    `deltalake==${versions.deltalake}`,
    'pyarrow==26.0.1',
    'orjson',
    'numpy',
  ]
  spawnSync(bin, ['-m', 'pip', 'install', '--quiet', ...packages], { timeout: 300_000 })
  return ready() ? bin : undefined
}

/**
 * What is measured is started through `FAIRLEAD_BENCH_WITH`, where it is set: a command that waits until the machine is quiet, for instance. Nothing that
 * stays is started through it.
 */
export function measured(command: readonly string[]): readonly string[] {
  const before = process.env.FAIRLEAD_BENCH_WITH
  return before === undefined ? command : [before, ...command]
}
