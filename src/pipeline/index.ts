export type { Publication, RunRecord } from './publication.ts'
