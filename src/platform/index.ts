export type { DatasetReplay, QuarantinedRecord, QuarantinePage, Shown } from '#pipeline'
export type {
  Check,
  ConsumeOptions,
  ConsumeResult,
  Counts,
  DatasetCounts,
  DoctorOptions,
  LakeOptions,
  LakeStatus,
  LoadOptions,
  LoadResult,
  PlannedStep,
  Platform,
  ProduceResult,
  QueryAnswer,
  QueryOptions,
  ReaderOptions,
  ReplayOptions,
  RunOptions,
  RunResult,
  SampleOptions,
  SeasonOptions,
  SeasonPlan,
  SetupRequest,
  SnowflakeSettings,
  StreamOptions,
  WorkEffects,
  WriteSampleFolder,
} from './api.ts'
export { askLineage } from './ask-lineage.ts'
export { consume } from './consume.ts'
export { listDatasets } from './contracts.ts'
export { diffGold } from './diff.ts'
export type { GoldDiff, TableDiff } from './diff-api.ts'
export { doctor } from './doctor.ts'
export { expositionType } from './exposition.ts'
export { keptLineage } from './kept-lineage.ts'
export type { LineageAnswer, LineageAsk, LineagePicture } from './lineage-api.ts'
export { loadLake, warehouseSetup } from './load.ts'
export { maintainInThread } from './maintain.ts'
export type { TableReport, TableVacuum } from './maintain-api.ts'
export { readTable } from './maintain-read.ts'
export { checkpointTable, checkTable, compactTable, inspectTable, vacuumTable } from './maintain-table.ts'
export type { Measures } from './measures.ts'
export { measuring, medianCommitMs, noMeasures, rowsPerSecond } from './measures.ts'
export { metricsText, processFigures } from './metrics.ts'
export { openReader } from './open-reader.ts'
export { planRun } from './plan.ts'
export { warehouseTables } from './project.ts'
export { listQuarantine, replayQuarantine, showQuarantine } from './quarantine.ts'
export type { QuarantineAsk, QuarantineList, QuarantineReplay } from './quarantine-api.ts'
export { queryLake } from './query.ts'
export type { LakeReader, LakeStanding, LiveReader, OpenPublication } from './reader.ts'
export { runOnce } from './run.ts'
export { writeSampleFolder } from './sample.ts'
export { playSeason, replayDataset } from './season.ts'
export { lakeStatus } from './status.ts'
