import type { OptionSources } from '#config'
import { fairleadSpec, fieldsOf, readOptions } from '#config'
import type { Report } from '#port'
import { Fault } from '#port'
import type { Backend } from './backend.ts'
import type { Answer, Command } from './command.ts'
import { failureText, faultOf } from './failure.ts'
import { flagName, outputSpec } from './flag.ts'
import { readCommandLine } from './program.ts'
import { progress } from './progress.ts'
import { safeJson } from './safe-text.ts'

/** The world as the command line meets it. */
export interface CliEffects {
  readonly backend: () => Promise<Backend>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Text of `fairlead.yaml` where the command runs; undefined where there is none. */
  readonly configText: () => string | undefined
  readonly resolve: (path: string) => string
  readonly stdout: Output
  readonly stderr: Output
  readonly nowMs: () => number
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  /** Exit code of a command that the signal ended: 130 for Ctrl-C. */
  readonly stoppedExitCode: () => number
  readonly version: string
}

export interface Output {
  /** Ends when the text is handed on. */
  write(text: string): Promise<void>
  /** In characters; undefined where it is no terminal. */
  readonly width: number | undefined
}

/** One command line, from words to exit code. Never throws. */
export async function runCli(
  argv: readonly string[],
  commands: readonly Command[],
  effects: CliEffects,
): Promise<number> {
  const { stdout, stderr, signal } = effects
  // Read before the command line is understood: a mistake in it must be told in the form that was asked for.
  let json = argv.includes('--json')
  let answered = false
  try {
    const asked = readCommandLine(argv, commands)
    if (asked.kind === 'version') {
      await stdout.write(`${effects.version}\n`)
      return 0
    }
    if (asked.kind === 'help') {
      await (asked.exitCode === 0 ? stdout : stderr).write(asked.text)
      return asked.exitCode
    }
    const { command, argument, given } = asked
    const output = readOptions(outputSpec, onlyFlags(outputSpec, given, effects)).options
    json = output.json
    const flags = readOptions(command.flags, onlyFlags(command.flags, given, effects)).options
    const { options, settings } = readOptions(fairleadSpec, {
      flags: flagsFor(fairleadSpec, given),
      environment: effects.environment,
      file: { name: 'fairlead.yaml', text: effects.configText() },
      resolve: effects.resolve,
    })
    const shown = progress(
      { quiet: output.quiet, width: stderr.width },
      { write: (text) => void stderr.write(text), nowMs: effects.nowMs },
    )
    const answer = async (result: Answer) => {
      shown.clear()
      if (answered) throw new TypeError(`${command.name} answered twice`)
      answered = true
      if (json) {
        for (const piece of inBlocks(result.json)) await stdout.write(safeJson(piece))
        await stdout.write('\n')
        return
      }
      for (const piece of inBlocks(result.text ?? [])) await stdout.write(piece)
      if (result.summary !== undefined && !output.quiet) await stdout.write(result.summary)
    }
    const tell = (line: string) => {
      shown.clear()
      if (!output.quiet) void stderr.write(`${line}\n`)
    }
    const report: Report = shown.report
    try {
      const width = stdout.width
      const { backend, resolve } = effects
      return await command.run(
        { flags, options, settings, argument },
        { backend, answer, tell, report, signal, width, resolve },
      )
    } finally {
      shown.clear()
    }
  } catch (error) {
    const stopped = signal.aborted && error instanceof Fault && stops.has(error.code)
    if (json && !answered) await stdout.write(`${JSON.stringify({ error: faultOf(error, effects.version) })}\n`)
    if (!stopped || !json)
      await stderr.write(
        stopped
          ? 'fairlead: stopped. What was committed stays; the next run goes on from there.\n'
          : json && error instanceof Fault
            ? `${JSON.stringify(error)}\n`
            : failureText(error, effects.version),
      )
    if (stopped) return effects.stoppedExitCode()
    return error instanceof Fault ? error.exitCode : 1
  }
}

/** Faults that say no more than that the work was stopped as asked. */
const stops = new Set(['machine/stopped', 'engine/cancelled'])

function flagsFor(spec: Parameters<typeof fieldsOf>[0], given: ReadonlyMap<string, string>): OptionSources['flags'] {
  const flags: Record<string, { flag: string; value: string }> = {}
  for (const key of fieldsOf(spec).keys()) {
    const value = given.get(key)
    if (value !== undefined) flags[key] = { flag: `--${flagName(key)}`, value }
  }
  return flags
}

/** Flags of one call stand nowhere else than on the command line. */
function onlyFlags(
  spec: Parameters<typeof fieldsOf>[0],
  given: ReadonlyMap<string, string>,
  { resolve }: CliEffects,
): OptionSources {
  return { flags: flagsFor(spec, given), environment: {}, file: { name: 'fairlead.yaml', text: undefined }, resolve }
}

const blockLength = 64 * 1024

/** Pieces joined to blocks, so that a long answer is not one system call a row. */
function* inBlocks(pieces: Iterable<string>): Iterable<string> {
  let block = ''
  for (const piece of pieces) {
    block += piece
    if (block.length < blockLength) continue
    yield block
    block = ''
  }
  if (block !== '') yield block
}
