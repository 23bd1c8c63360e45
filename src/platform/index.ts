export type { LakeReader, OpenPublication } from './reader.ts'
