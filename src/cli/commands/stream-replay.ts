import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { produceSummary } from '../produce-summary.ts'

export const streamReplay: Command<Record<never, never>> = {
  name: 'stream replay',
  about: 'send a landed dataset as messages',
  more: 'Each record of its Bronze table becomes one message of the topic that has the dataset’s name. Consumed by the same lake they are duplicates, each accounted for; consumed by another they are the dataset. A consumer that is running already takes up a new topic when it is started again. Started again, a replay goes on where it stood, and sends nothing twice.',
  argument: { name: 'dataset', about: 'a dataset that the lake has landed' },
  flags: {},
  options: ['topics.log'],
  examples: ['fairlead stream replay school_survey', 'fairlead stream replay svi --log /tmp/a-log'],
  async run({ options, argument }, { backend, answer, report, signal }) {
    const { lake, datasets, models, engine, topics, kafka, stream } = options
    const platform = await backend()
    const request = { lake, datasets, models, engine, topics, kafka, stream, dataset: argument }
    const result = await platform.replayDataset(request, { report, signal })
    await answer({ json: document(result), summary: produceSummary(result) })
    return 0
  },
}
