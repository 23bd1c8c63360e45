export { localStore } from './local.ts'
export { memoryStore } from './memory.ts'
