export type { RunnerEffects } from './embedded.ts'
export { embeddedRunner } from './embedded.ts'
export { embeddedFeatures } from './feature.ts'
