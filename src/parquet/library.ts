/**
 * The one door to the Parquet packages: footers, thrift and page reading are theirs; pages are encoded here (`encode.ts`),
 * since the package's writer knows data pages of version 2 only and Delta's default is version 1.
 */

export type {
  AsyncBuffer,
  ColumnChunk,
  FileMetaData,
  PageHeader,
  RowGroup,
  SchemaElement,
  SchemaTree,
  Statistics,
} from 'hyparquet'
export { parquetMetadata, parquetMetadataAsync, parquetRead, parquetSchema } from 'hyparquet'
export { compressors } from 'hyparquet-compressors'
export { ByteWriter } from 'hyparquet-writer'
export { writePageHeader } from 'hyparquet-writer/src/datapage.js'
export { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js'
export { writeMetadata } from 'hyparquet-writer/src/metadata.js'
