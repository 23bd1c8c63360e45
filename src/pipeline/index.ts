export type { Scratch, StageEffects } from './effects.ts'
export type { Publication, RunRecord } from './publication.ts'
