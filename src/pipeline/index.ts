export type { BuildOptions, SourceTable } from './build.ts'
export { buildGold, failedNodes, isCurrent, rootOf, sourceSnapshots, sourceVersions } from './build.ts'
export type { CleanOptions, CleanResult } from './clean.ts'
export { cleanDataset, cleanIsStale } from './clean.ts'
export type { DatasetCounts } from './clean-ledger.ts'
export { datasetCounts } from './clean-ledger.ts'
export { replayColumns } from './clean-marks.ts'
export { displacedColumns, ledgerColumns, quarantineColumns } from './clean-tables.ts'
export type { CleanEffects } from './clean-work.ts'
export type { Scratch, StageEffects } from './effects.ts'
export { attachSnapshot } from './exchange.ts'
export { newestPublication, readLastRun, readPublication, recordRun } from './history.ts'
export { all } from './in-turn.ts'
export type { LandEffects, Landing, LandOptions, PlannedFile, SourceFile } from './land/index.ts'
export { bronzeColumns, fileColumns, keptOriginal, landFiles, manifestName, planLanding } from './land/index.ts'
export type { RecordCounts } from './law.ts'
export type { LiveOptions, LiveOutcome } from './live.ts'
export { publishLive } from './live.ts'
export type {
  CompactEffects,
  CompactOptions,
  LogEffects,
  MaintainEffects,
  MaintainOptions,
  Vacuum,
  VacuumOptions,
} from './maintain/index.ts'
export {
  cleanLog,
  compactFiles,
  maintainer,
  planCompaction,
  planVacuum,
  steadyCompaction,
  vacuum,
} from './maintain/index.ts'
export type { PlaceEffects, PlaceResult } from './place.ts'
export { placeAll, placedFrom, placesAreStale } from './place.ts'
export { placeOrigins, schoolPlaceColumns, tractPlaceColumns } from './place-columns.ts'
export type { Produced, ProduceEffects, SeasonOptions } from './produce.ts'
export { produceSeason } from './produce.ts'
export type { ReplayEffects, Replayed } from './produce-replay.ts'
export { replayDataset, replayProducer } from './produce-replay.ts'
export type { Publication, PublicationLine, RunRecord } from './publication.ts'
export { liveLine, liveRunRoot, runLine } from './publication.ts'
export type { PublishOptions, PublishOutcome } from './publish.ts'
export { publish } from './publish.ts'
export type {
  Coordinates,
  DatasetReplay,
  MendedLine,
  PageOptions,
  QuarantinedRecord,
  QuarantineFilter,
  QuarantineGroup,
  QuarantinePage,
  RejectedAgain,
  Shown,
  ShownHeader,
  Whereabouts,
} from './quarantine/index.ts'
export {
  listRejected,
  readMendedLine,
  readRecordId,
  replayAsTheyAre,
  replayMended,
  showRejected,
} from './quarantine/index.ts'
export { inSessions } from './sessions.ts'
export type { Allowance, FlushLimits, LandTopicEffects, LandTopicOptions } from './stream/index.ts'
export { landedOffsets, landTopic, newAsking, passOver } from './stream/index.ts'
export type { TableLoad, WarehouseEffects, WarehouseLoad, WarehouseOptions } from './warehouse/index.ts'
export { loadWarehouse } from './warehouse/index.ts'
