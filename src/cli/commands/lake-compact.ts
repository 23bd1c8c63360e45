import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { count } from '../words.ts'
import { tableArgument } from './lake-inspect.ts'

const flags = {
  targetMb: { kind: 'integer', about: 'What a file is to hold at most, in MB', default: 128, min: 1, max: 4096 },
} as const

export const lakeCompact: Command<typeof flags> = {
  name: 'lake compact',
  about: 'put the small files of a Delta table together',
  more: 'The rows stay what they are, byte for byte. Others may read and write meanwhile; what they replace first is left to them. The small files stay until they are vacuumed.',
  argument: tableArgument,
  flags,
  options: [],
  examples: [
    'fairlead lake compact lake/bronze/survey_live',
    'fairlead lake compact lake/silver/school --target-mb 32',
  ],
  async run({ argument, flags: { targetMb }, options }, { backend, answer, report, signal, resolve }) {
    const platform = await backend()
    const request = { folder: resolve(argument), targetBytes: targetMb * 2 ** 20, engine: options.engine }
    const done = await platform.compactTable(request, { report, signal })
    const summary =
      done.removed === 0
        ? `Version ${done.version} has no small files to put together.\n`
        : `${count(done.removed, 'file')} became ${count(done.written, 'file')}; the table is at version ${done.version}.\n`
    await answer({ json: document(done), summary })
    return 0
  },
}
