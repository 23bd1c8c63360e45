import type { TableVacuum } from '#platform'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { count, figure } from '../words.ts'
import { tableArgument } from './lake-inspect.ts'

const flags = {
  yes: { kind: 'boolean', about: 'Remove them; without it they are only shown', default: false },
  retainHours: {
    kind: 'integer',
    about: 'Keep what was removed or left over within so many hours (default: what the table says, or 168)',
    optional: true,
    min: 0,
    max: 1_000_000,
  },
  evenIfReadersAndUploadsBreak: {
    kind: 'boolean',
    about: 'Allow fewer hours than the table says: readers of older versions and uploads under way may fail',
    default: false,
  },
} as const

export const lakeVacuum: Command<typeof flags> = {
  name: 'lake vacuum',
  about: 'show, and with --yes remove, files that no version of a Delta table needs',
  argument: tableArgument,
  flags,
  options: [],
  examples: ['fairlead lake vacuum lake/bronze/survey_live', 'fairlead lake vacuum lake/bronze/survey_live --yes'],
  async run({ argument, flags: given }, { backend, answer, report, signal, resolve }) {
    const { yes: remove, retainHours, evenIfReadersAndUploadsBreak } = given
    const platform = await backend()
    const request = { folder: resolve(argument), retainHours, evenIfReadersAndUploadsBreak, remove }
    const found = await platform.vacuumTable(request, { report, signal })
    await answer({ json: document(found), ...vacuumText(found) })
    return 0
  },
}

function vacuumText({ removed, retainHours, sizeBytes, files }: TableVacuum): { text: string[]; summary: string } {
  const all = `${count(files.length, 'file')} of ${figure(sizeBytes)} bytes`
  const within = `for ${figure(retainHours)} hours or more`
  return {
    text: files.map(({ path }) => `${path}\n`),
    summary: removed
      ? `${all}, which no version needed ${within}, are gone.\n`
      : `${all} were needed by no version ${within}.${files.length > 0 ? ' --yes removes them.' : ''}\n`,
  }
}
