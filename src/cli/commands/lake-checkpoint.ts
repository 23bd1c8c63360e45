import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { tableArgument } from './lake-inspect.ts'

export const lakeCheckpoint: Command<Record<never, never>> = {
  name: 'lake checkpoint',
  about: 'write a checkpoint of a Delta table, so that it opens without reading its commits',
  argument: tableArgument,
  flags: {},
  options: [],
  examples: ['fairlead lake checkpoint lake/silver/school'],
  async run({ argument }, { backend, answer, report, signal, resolve }) {
    const platform = await backend()
    const { version, written } = await platform.checkpointTable(resolve(argument), { report, signal })
    const summary = written
      ? `A checkpoint of version ${version} is written.\n`
      : `Version ${version} has its checkpoint already.\n`
    await answer({ json: document({ version, written }), summary })
    return 0
  },
}
