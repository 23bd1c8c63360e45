import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { NodeStatus, Report } from '#port'
import { Fault } from '#port'

export interface DbtCall {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly report: Report
  readonly signal: AbortSignal
}

export interface DbtOutcome {
  /** 0: all went well. 1: some node did not. 2 or more: dbt itself gave up. */
  readonly code: number
  /** What dbt called errors, in order. */
  readonly errors: readonly string[]
}

/** A line of dbt's structured log, as far as it is looked at. */
interface LogLine {
  readonly info?: { readonly name?: string; readonly level?: string; readonly msg?: string }
  readonly data?: {
    readonly node_info?: { readonly unique_id?: string }
    readonly run_result?: { readonly status?: string; readonly message?: string; readonly execution_time?: number }
  }
}

/** What dbt writes when it is stopped or killed is no answer: a call that did not end by itself is a fault. */
export async function callDbt({ program, args, env, report, signal }: DbtCall): Promise<DbtOutcome> {
  const options = ['--log-format', 'json', '--log-level', 'debug', '--log-level-file', 'none', '--no-use-colors']
  const child = spawn(program, [...options, ...args], {
    env: { ...env, DBT_SEND_ANONYMOUS_USAGE_STATS: 'false', DO_NOT_TRACK: '1', PYTHONUTF8: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? -1))
  })
  ended.catch(() => {}) // awaited below, after what it wrote
  const errors: string[] = []
  let said = ''
  child.stderr.on('data', (bytes) => {
    said = `${said}${bytes}`.slice(-4_000)
  })
  for await (const line of createInterface({ input: child.stdout })) hear(line, report, errors)
  let code: number
  try {
    code = await ended
  } catch (cause) {
    if (signal.aborted) throw new Fault('engine/cancelled', 'dbt was stopped.', { mend: 'Run it again.', cause })
    throw new Fault('model/dbt-missing', `${program} cannot be started.`, {
      mend: 'Run fairlead doctor --fix dbt, or name another dbt.',
      cause,
      facts: { program },
    })
  }
  if (code < 0) {
    throw new Fault('model/dbt', 'dbt was killed before it ended.', { mend: 'Run it again.', facts: { program } })
  }
  if (code > 1 && errors.length === 0) errors.push(said.trim())
  return { code, errors }
}

function hear(line: string, report: Report, errors: string[]): void {
  const { info, data } = read(line)
  const result = data?.run_result
  const id = data?.node_info?.unique_id
  if (info?.name === 'NodeFinished' && result !== undefined && id !== undefined) {
    const status = statusOf(result.status ?? '')
    const tookMs = Math.round((result.execution_time ?? 0) * 1000)
    report({ kind: 'model/node', id, status, message: messageOf(status, result.message), tookMs })
    return
  }
  if (info?.level !== 'error' && info?.level !== 'warn') return
  const message = (info.msg ?? '').trim()
  if (message === '') return
  report({ kind: 'model/log', level: info.level, message })
  if (info.level === 'error') errors.push(message)
}

function read(line: string): LogLine {
  try {
    return JSON.parse(line)
  } catch {
    return {} // what Python itself or a library prints stands between the lines
  }
}

/** dbt's words for how a node ended, in ours. */
export function statusOf(status: string): NodeStatus {
  const known: readonly string[] = ['success', 'error', 'skipped', 'pass', 'fail', 'warn'] satisfies NodeStatus[]
  if (known.includes(status)) return status as NodeStatus
  return status === 'no-op' || status === 'reused' ? 'success' : 'error'
}

/** A node that went well has nothing to say: dbt then repeats the engine's OK. */
export function messageOf(status: NodeStatus, message: string | null | undefined): string | null {
  return status === 'success' || status === 'pass' ? null : (message ?? null)
}
