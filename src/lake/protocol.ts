import { Fault } from '#port'
import type { MetaData, Protocol } from './actions.ts'
import type { TableSchema } from './schema.ts'

/** Features of reader version 3 that ask nothing of a reader like this one. */
const harmlessToReaders: ReadonlySet<string> = new Set(['vacuumProtocolCheck'])

/** The protocol of tables made here: no features, read by everything that reads Delta. */
export const ownProtocol: Protocol = {
  minReaderVersion: 1,
  minWriterVersion: 2,
  readerFeatures: [],
  writerFeatures: [],
}

export function checkReadable(root: string, protocol: Protocol, metaData: MetaData): void {
  const { minReaderVersion, readerFeatures } = protocol
  const unknown = readerFeatures.filter((feature) => !harmlessToReaders.has(feature))
  if (minReaderVersion > 3) throw unsupported(root, `reader version ${minReaderVersion}`, 'readerVersion', 'read')
  if (minReaderVersion === 3 && unknown.length > 0)
    throw unsupported(root, unknown.join(', '), unknown[0] ?? '', 'read')
  const mapping = metaData.configuration['delta.columnMapping.mode']
  if (mapping !== undefined && mapping !== 'none') {
    throw unsupported(root, `columnMapping (mode ${mapping})`, 'columnMapping', 'read')
  }
  if (metaData.formatProvider !== 'parquet') {
    throw unsupported(root, `files of the format ${metaData.formatProvider}`, 'format', 'read')
  }
}

export function checkWritable(
  root: string,
  { minReaderVersion, minWriterVersion, writerFeatures }: Protocol,
  metaData: MetaData,
  schema: TableSchema,
): void {
  if (minWriterVersion > 2 || minReaderVersion > 1) {
    const features = writerFeatures.length > 0 ? ` with ${writerFeatures.join(', ')}` : ''
    throw unsupported(root, `protocol (${minReaderVersion},${minWriterVersion})${features}`, 'writerVersion', 'written')
  }
  const first = schema.unwritable[0]
  if (first !== undefined) throw unsupported(root, first, 'schema', 'written')
  // An expired txn would let a batch in twice.
  if (metaData.configuration['delta.setTransactionRetentionDuration'] !== undefined) {
    throw unsupported(root, 'delta.setTransactionRetentionDuration', 'setTransactionRetentionDuration', 'written')
  }
}

export function isAppendOnly(metaData: MetaData): boolean {
  return metaData.configuration['delta.appendOnly'] === 'true'
}

export function unsupported(root: string, what: string, feature: string, deed: 'read' | 'written'): Fault {
  return new Fault(
    'lake/unsupported',
    `The table ${root} uses what is not supported here: ${what}; it cannot be ${deed}.`,
    {
      mend: 'Use another engine for this table, or copy it into one without that feature.',
      facts: { root, feature },
    },
  )
}
