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
export type { LakeReader, OpenPublication } from './reader.ts'
