export type { DatasetAbout } from './figures/question.ts'
export { startMetricsServer } from './metrics-server.ts'
export type { RunningServer, ServerEffects, ServerOptions } from './server.ts'
export { startServer } from './server.ts'
