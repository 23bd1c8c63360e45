import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'

const scripts = join(process.env.FAIRLEAD_SHARED ?? join(import.meta.dirname, '../../../shared'), 'stack/spark')
const cache = process.env.FAIRLEAD_STACK_CACHE ?? join(homedir(), '.cache/fairlead-stack')
const sparkVersion = '4.2.0'
/** The first start fetches it all. */
const startMs = 900_000

export interface Spark {
  /** Where it listens, `sc://127.0.0.1:15002`. */
  readonly url: string
  /** File with the server's process id; undefined where it is not known. */
  readonly pidFile: string | undefined
  stop(): void
}

/** A Python that speaks with the server; undefined where there is none, and nothing that would fetch it. */
export function sparkPython(): string | undefined {
  const bin = join(cache, `spark-${sparkVersion}/venv/bin/python`)
  return existsSync(bin) || existsSync(join(scripts, 'start')) ? bin : undefined
}

/** The server that `SPARK_REMOTE` names, or one of its own, which ends with `stop`. */
export function startSpark(): Spark {
  const { SPARK_REMOTE: url, SPARK_PID_FILE: pidFile, ...env } = process.env
  if (url !== undefined) return { url, pidFile, stop: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-spark-'))
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const started = execFileSync(join(scripts, 'start'), [folder, String(port)], {
    ...{ encoding: 'utf8', timeout: startMs, env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return {
    ...{ url: started.trim(), pidFile: join(folder, 'pid') },
    stop() {
      spawnSync(join(scripts, 'stop'), [folder])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
