import type { Column } from '#port'

const timestamp = (name: string, comment: string): Column => ({ name, type: 'timestamp', comment })
const text = (name: string, comment: string): Column => ({ name, type: 'string', comment })
const count = (name: string, comment: string): Column => ({ name, type: 'long', comment })

const coordinates: readonly Column[] = [
  text('dataset', 'Dataset'),
  text('topic', 'Topic, or the dataset’s name for a file'),
  text('source', 'Hash of the decoded records of the file, or the topic’s id'),
  { name: 'partition', type: 'integer', comment: 'Partition of the source; 0 for a file' },
  count('offset', 'Number of the record in its partition, from 0'),
]

/** One row for each record that broke a reject rule: the first it broke. */
export const quarantineColumns: readonly Column[] = [
  ...coordinates,
  timestamp('timestamp', 'When the record was made or its file last modified, UTC'),
  { name: 'key', type: 'binary', comment: 'Key as received' },
  {
    name: 'value',
    type: 'binary',
    comment: 'Value as received, without what must not leave Bronze; null where it is too large',
  },
  {
    name: 'headers',
    type: {
      type: 'array',
      elementType: {
        type: 'struct',
        fields: [
          { name: 'key', type: 'string' },
          { name: 'value', type: 'binary' },
        ],
      },
    },
    comment: 'Headers as received',
  },
  text('stage', 'land: the file could not be read; clean: the record broke a rule'),
  text('rule', 'Rule that was broken'),
  text('column', 'Column it speaks of; null for rules of the whole record'),
  text('received', 'What stood there'),
  text('message', 'What is wrong with it'),
  text('contract', 'Fingerprint of the contract that says so'),
  timestamp('ingest_ts', 'When the record was landed, UTC'),
]

/** One row for each record that another record of the same key displaced. */
export const displacedColumns: readonly Column[] = [
  ...coordinates,
  timestamp('event_ts', 'When the record was made or its file last modified, UTC'),
  text('key_hash', 'Hash of the key'),
  text('value_hash', 'Hash of all values'),
  text('fate', 'duplicate: same key, same values; superseded: same key, other values, not the newest'),
  text('by_source', 'Source of the record that displaced it'),
  count('by_offset', 'Offset of the record that displaced it'),
  timestamp('ingest_ts', 'When the record was landed, UTC'),
]

/** Where every record went: one row of totals (rule '') for each source and file name, and one for each rule that was broken. */
export const ledgerColumns: readonly Column[] = [
  text('dataset', 'Dataset'),
  text('source', 'Hash of the decoded records of the file, or the topic’s id'),
  text('file_name', 'File as landed; of several with the same records, the first has the counts'),
  text('rule', 'Rule that was broken; empty for the totals of the source'),
  count('landed', 'Records in Bronze'),
  count('silver', 'Records that are rows of Silver'),
  count('quarantined', 'Records that broke a reject rule'),
  count('duplicates', 'Records with the key and values of another'),
  count('superseded', 'Records that a newer one of the same key replaced'),
  count('warned', 'Rows of Silver that break a warn rule'),
]
