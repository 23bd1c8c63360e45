import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Fault } from '#port'
import { runCli } from './cli.ts'
import { connect } from './connect.ts'
import { watchInterrupts } from './interrupt.ts'
import { outputOf } from './output.ts'
import { commands } from './table.ts'

/** Runs one command line in this process and ends it. */
export async function main(argv: readonly string[]): Promise<void> {
  const nowMs = () => performance.now()
  const interrupts = watchInterrupts({
    on: (signal, listener) => process.on(signal, listener),
    nowMs,
    exit: (code) => process.exit(code),
    say: (line) => process.stderr.write(`${line}\n`),
  })
  // The launcher that started this process is gone, by a kill that it could not pass on.
  process.on('disconnect', () => process.exit(137))
  if (process.env.npm_command !== undefined) stopWithParent()
  const exitCode = await runCli(argv, commands, {
    backend: connect,
    environment: process.env,
    configText: () => textOf('fairlead.yaml'),
    resolve: (path) => resolve(path),
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    nowMs,
    signal: interrupts.signal,
    stoppedExitCode: interrupts.exitCode,
    version: version(),
  })
  // What was printed has been handed on; a handle that a library left open must not keep the person waiting.
  process.exit(exitCode)
}

/** npm starts a program in a shell, and a signal that ends npm and the shell does not reach the program: it stops cleanly when its parent is gone. */
function stopWithParent(): void {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.emit('SIGTERM', 'SIGTERM')
  }, 500)
  watch.unref()
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new Fault('config/unreadable', `${path} is there and cannot be read.`, {
      mend: 'Make it a file that you may read, or take it away.',
      cause: error,
    })
  }
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return manifest.version
}
