export type { EmbeddedLogEffects, EmbeddedLogOptions } from './embedded.ts'
export { embeddedLog } from './embedded.ts'
export { machineId } from './machine.ts'
export { memoryLog } from './memory.ts'
