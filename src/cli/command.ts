import type { FairleadOptions, Options, Setting, Spec } from '#config'
import type { Report } from '#port'
import type { Backend } from './backend.ts'

/** A command is data with a lazy body: nothing of the platform is loaded before `run` asks `backend` for it. */
export interface Command<Flags extends Spec = Spec> {
  /** One word, or two where commands belong together: `stream season`. */
  readonly name: string
  /** One line, in the list of commands. */
  readonly about: string
  /** What its own help says beyond that. */
  readonly more?: string
  /** A positional argument, always required. */
  readonly argument?: { readonly name: string; readonly about: string }
  /** Flags of its own. */
  readonly flags: Flags
  /** Keys of Fairlead's options that are flags here too, besides those that every command has. */
  readonly options: readonly string[]
  /** Whole invocations, the plainest first. */
  readonly examples: readonly string[]
  /** What 1 means here, where it is more than "a fault". */
  readonly fails?: string
  /** Answers with the exit code. */
  run(call: Call<Flags>, effects: CommandEffects): Promise<number>
}

export interface Call<Flags extends Spec = Spec> {
  readonly flags: Options<Flags>
  readonly options: FairleadOptions
  readonly settings: readonly Setting[]
  /** The argument's text; '' where the command has none. */
  readonly argument: string
}

export interface CommandEffects {
  readonly backend: () => Promise<Backend>
  /** The command's one result. Called at most once. */
  readonly answer: (answer: Answer) => Promise<void>
  /** A line for a person, on stderr; left out when quiet. */
  readonly tell: (line: string) => void
  readonly report: Report
  readonly signal: AbortSignal
  /** Makes a path absolute, seen from where the command runs. */
  readonly resolve: (path: string) => string
  /** Width of the terminal that stdout is, in characters; undefined where it is a file or a pipe. */
  readonly width: number | undefined
}

export interface Answer {
  /** One document for `--json`, in pieces, so that a large one never stands in memory as text. */
  readonly json: Iterable<string>
  /** What was asked for, for a person: printed even when quiet. */
  readonly text?: Iterable<string>
  /** How it went, for a person: left out when quiet. */
  readonly summary?: string
}

/** A small result as `--json` prints it. */
export function document(value: unknown): Iterable<string> {
  return [JSON.stringify(value)]
}
