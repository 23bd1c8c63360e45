import type { TableReport } from '#platform'
import type { Command } from '../command.ts'
import { document } from '../command.ts'
import { alignedTable } from '../text-table.ts'
import { count, figure } from '../words.ts'

/** The folder of one table; every `lake` command takes it. */
export const tableArgument = { name: 'path', about: 'folder of a Delta table, which holds _delta_log' } as const

export const lakeInspect: Command<Record<never, never>> = {
  name: 'lake inspect',
  about: 'what stands in the log of a Delta table',
  more: 'PATH is the folder of one table, ours or another writer’s. Nothing is written.',
  argument: tableArgument,
  flags: {},
  options: [],
  examples: ['fairlead lake inspect lake/silver/school', 'fairlead lake inspect lake/bronze/survey_live --json'],
  async run({ argument }, { backend, answer, report, signal, resolve, width }) {
    const platform = await backend()
    const found = await platform.inspectTable(resolve(argument), { report, signal })
    await answer({ json: document(found), text: inspectText(found, width) })
    return 0
  },
}

function* inspectText(found: TableReport, width: number | undefined): Iterable<string> {
  const { protocol, log } = found
  const features = [...new Set([...protocol.readerFeatures, ...protocol.writerFeatures])]
  yield `Table        ${found.folder}\n`
  yield `Version      ${found.version}${found.committedAt === null ? '' : ` of ${found.committedAt}`}\n`
  yield `Protocol     reader ${protocol.minReaderVersion}, writer ${protocol.minWriterVersion}${features.length > 0 ? ` (${features.join(', ')})` : ''}\n`
  yield `Holds        ${count(found.files, 'file')}, ${figure(found.sizeBytes)} bytes, ${found.rows === null ? 'rows not told' : count(found.rows, 'row')}\n`
  yield `Log          ${log === null ? 'no commits' : `commits ${log.from} to ${log.to}`}; checkpoints at ${found.checkpoints.join(', ') || 'no version'}\n`
  for (const [name, value] of Object.entries(found.properties)) yield `Property     ${name} = ${value}\n`
  for (const [appId, version] of Object.entries(found.txns)) yield `Transaction  ${appId} = ${version}\n`
  yield '\n'
  const rows = found.columns.map(({ name, type, comment }) => [
    name,
    typeof type === 'string' ? type : JSON.stringify(type),
    found.partitionColumns.includes(name) ? 'partition' : '',
    comment,
  ])
  yield* alignedTable({ columns: ['column', 'type', '', 'comment'].map((name) => ({ name })), rows }, width)
}
