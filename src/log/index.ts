export type { EmbeddedLogEffects, EmbeddedLogOptions, LogOptions } from './embedded.ts'
export { embeddedLog, logSpec } from './embedded.ts'
export { machineId } from './machine.ts'
export { memoryLog } from './memory.ts'
