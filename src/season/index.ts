export type { SampleEffects, SampleFile, SampleOptions } from './sample.ts'
export { sampleFiles, writeSample } from './sample.ts'
