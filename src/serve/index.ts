export type { DatasetAbout } from './figures/question.ts'
export type { RunningServer, ServerEffects, ServerOptions } from './server.ts'
export { startServer } from './server.ts'
