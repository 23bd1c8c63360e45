/**
 * Properties of a table that only a stream writes, with commits by the second: what compaction replaced is kept for an hour, for readers that are at it, since
 * each such file stands in every checkpoint until then.
 */
export const streamProperties: Readonly<Record<string, string>> = {
  'delta.checkpointInterval': '100',
  'delta.logRetentionDuration': 'interval 1 days',
  'delta.deletedFileRetentionDuration': 'interval 1 hours',
}
