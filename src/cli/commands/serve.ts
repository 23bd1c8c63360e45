import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { untilAborted } from '../until.ts'

export const serve: Command<Record<never, never>> = {
  name: 'serve',
  about: 'show the dashboard over a lake, until Ctrl-C',
  more: 'It only reads. Any number of servers may show one lake, and each follows new publications by itself.',
  flags: {},
  options: ['port', 'topics.log'],
  examples: ['fairlead serve', 'fairlead serve --lake shared-lake --port 0'],
  async run({ options }, { backend, answer, report, signal }) {
    const { lake, datasets, models, engine, topics, kafka, stream, port } = options
    const platform = await backend()
    const serving = await platform.serveLake(
      { lake, datasets, models, engine, topics, kafka, stream, port },
      { report, signal },
    )
    try {
      const summary = `Dashboard: ${serving.url}   (Ctrl-C stops)\n`
      await answer({ json: document({ url: serving.url }), summary })
      await untilAborted(signal)
    } finally {
      await serving.close()
    }
    return 0
  },
}
