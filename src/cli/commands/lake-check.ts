import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { count } from '../words.ts'
import { tableArgument } from './lake-inspect.ts'

export const lakeCheck: Command<Record<never, never>> = {
  name: 'lake check',
  about: 'hold a Delta table against its own log, and list what is wrong',
  more: 'Every file is there with its size and the rows that its statistics say; the log has no hole; the newest checkpoint, compacted commits and checksums say what the commits say; no transaction goes back.',
  argument: tableArgument,
  flags: {},
  options: [],
  examples: ['fairlead lake check lake/silver/school', 'fairlead lake check lake/bronze/survey_live --json'],
  fails: 'something is wrong with the table',
  async run({ argument }, { backend, answer, report, signal, resolve }) {
    const platform = await backend()
    const found = await platform.checkTable(resolve(argument), { report, signal })
    const all =
      found.version === null
        ? 'The table cannot be opened.\n'
        : `Version ${found.version} with ${count(found.files, 'file')}: ${found.ok ? 'all as it must be' : count(found.problems.length, 'problem')}.\n`
    const lines = found.problems.map(({ kind, where, what }) => `BAD  ${kind} ${where}: ${what}\n`)
    await answer({ json: document(found), text: [...lines, all] })
    return found.ok ? 0 : 1
  },
}
