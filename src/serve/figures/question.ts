import type { SqlEngine } from '#port'
import type { Ask } from '../ask.ts'
import type { Choices } from '../choices.ts'

/** What a dataset's contract says of itself, for the page that credits its publisher. */
export interface DatasetAbout {
  readonly name: string
  readonly title: string
  readonly about: string
  readonly publisher: string
  readonly licence: string
  readonly attribution: string
  readonly url: string
}

/** What a figure is answered from: one publication. */
export interface Question {
  readonly engine: SqlEngine
  readonly choices: Choices
  readonly gold: readonly { readonly table: string; readonly rows: number }[]
  readonly datasets: readonly DatasetAbout[]
}

export interface FigureRoute {
  /** The parameters it knows; any other is refused. */
  readonly parameters: readonly string[]
  answer(ask: Ask, question: Question): Promise<object> | object
}
