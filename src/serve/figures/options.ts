import type { FigureRoute } from './question.ts'

/** The values of every filter. */
export const options: FigureRoute = {
  parameters: [],
  answer: (_ask, { choices }) => choices,
}
