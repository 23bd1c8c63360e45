export type { FlushLimits, LandTopicEffects, LandTopicOptions } from './land-topic.ts'
export { landTopic } from './land-topic.ts'
export type { Allowance } from './position.ts'
export { landedOffsets } from './position.ts'
