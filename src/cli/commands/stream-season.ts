import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { seasonFlags, seasonOf } from '../input.ts'
import { produceSummary } from '../produce-summary.ts'

export const streamSeason: Command<typeof seasonFlags> = {
  name: 'stream season',
  about: 'play a simulated survey season into its topic',
  more: 'Schools of the lake report how many of their students, teachers and parents have answered so far; at the end stand the newest published rates. Nobody gave these answers, and all that shows them says so. Started again with the same flags it goes on where it stood, and sends nothing twice.',
  flags: seasonFlags,
  options: ['topics.log'],
  examples: ['fairlead stream season', 'fairlead stream season --rate 500 --seconds 60 --seed 7'],
  async run({ flags, options }, { backend, answer, report, signal }) {
    const { lake, datasets, models, engine, topics, kafka, stream } = options
    const platform = await backend()
    const request = { lake, datasets, models, engine, topics, kafka, stream, season: seasonOf(flags) }
    const result = await platform.playSeason(request, { report, signal })
    await answer({ json: document(result), summary: produceSummary(result) })
    return 0
  },
}
