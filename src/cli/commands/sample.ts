import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { sampleFlags, sampleOf } from '../input.ts'
import { count } from '../words.ts'

export const sample: Command<typeof sampleFlags> = {
  name: 'sample',
  about: 'write generated sample files into a folder',
  more: 'They have the shapes and the quirks of the real files, and every value is made up. The same seed makes the same bytes.',
  argument: { name: 'dir', about: 'an empty folder, or one that is not there yet' },
  flags: sampleFlags,
  options: [],
  examples: ['fairlead sample my-sample', 'fairlead sample my-sample --schools 5000 --seed 7'],
  async run({ flags, argument }, { backend, answer, report, signal, resolve }) {
    const folder = resolve(argument)
    const platform = await backend()
    const options = sampleOf(flags)
    const { files } = await platform.writeSampleFolder(folder, options, { report, signal })
    const rows = files.reduce((sum, file) => sum + file.rows, 0)
    const summary = `${count(files.length, 'file')} with ${count(rows, 'row')} in ${folder}\nNext: fairlead start --from ${argument}\n`
    await answer({ json: document({ folder, ...options, files }), summary })
    return 0
  },
}
