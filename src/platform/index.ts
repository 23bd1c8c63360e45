export type {
  Check,
  Counts,
  DatasetCounts,
  DoctorOptions,
  LakeOptions,
  LakeStatus,
  PlannedStep,
  Platform,
  QueryAnswer,
  QueryOptions,
  RunOptions,
  RunResult,
  SampleOptions,
  WorkEffects,
  WriteSampleFolder,
} from './api.ts'
export { listDatasets } from './contracts.ts'
export { doctor } from './doctor.ts'
export { openReader } from './open-reader.ts'
export { planRun } from './plan.ts'
export { queryLake } from './query.ts'
export type { LakeReader, LiveReader, OpenPublication } from './reader.ts'
export { runOnce } from './run.ts'
export { writeSampleFolder } from './sample.ts'
export { lakeStatus } from './status.ts'
