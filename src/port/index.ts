export type { ArrayType, Column, ColumnType, PrimitiveType, StructType } from './column.ts'
export type { Cell, FileTable, QueryResult, Row, SqlDialect, SqlEngine, WrittenFile } from './engine.ts'
export type { PlatformEvent, Report, Stage } from './event.ts'
export type { Failpoint, FailpointName } from './failpoint.ts'
export { failpoints, noFailpoint, replayFailpoints, streamFailpoints } from './failpoint.ts'
export type { FaultArea, FaultCode, FaultDetail } from './fault.ts'
export { Fault } from './fault.ts'
export { instantText } from './instant.ts'
export type {
  AppendOutcome,
  Assignment,
  Membership,
  OffsetRange,
  ProducerPosition,
  ReadLimits,
  RecordLog,
  Topic,
} from './log.ts'
export type {
  BuildRequest,
  BuildResult,
  BuiltTable,
  ModelProject,
  ModelRunner,
  NodeResult,
  NodeStatus,
  PlannedNode,
} from './model.ts'
export type { LogRecord, NewRecord, ReadAnswer, RecordBlock, RecordHeader, TimestampType } from './record.ts'
export { recordsOf } from './record.ts'
export type { RetryEffects, RetryOptions } from './retry.ts'
export { retry } from './retry.ts'
export { withSessions } from './sessions.ts'
export { snowflakeIdentifier, snowflakeName, snowflakeScalar, snowflakeText } from './snowflake-names.ts'
export type { ObjectInfo, ObjectStore } from './store.ts'
export { isTextBefore } from './text-order.ts'
