import type { Platform, ReaderOptions, StreamOptions, WorkEffects } from '#platform'
import type { Report } from '#port'

/** All that commands can ask for. Tests hand in their own. */
export interface Backend extends Omit<Platform, 'openReader' | 'listDatasets'> {
  /** Answers once the server listens. Faults: those of `startServer`. */
  serveLake(options: StreamOptions & { readonly port: number }, effects: WorkEffects): Promise<Serving>
  /** Serves what the process measures, and nothing else. Faults: those of `startMetricsServer`. */
  serveMetrics(
    options: ReaderOptions & { readonly port: number },
    effects: Pick<WorkEffects, 'report'>,
  ): Promise<Serving>
}

export interface Serving {
  /** `http://localhost:4000`. */
  readonly url: string
  /** Passes on what is told to the report that serving was given, and counts it in `/metrics`. */
  readonly report: Report
  close(): Promise<void>
}
