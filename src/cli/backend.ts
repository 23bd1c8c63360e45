import type { Platform, StreamOptions, WorkEffects } from '#platform'

/** All that commands can ask for. Tests hand in their own. */
export interface Backend extends Omit<Platform, 'openReader' | 'listDatasets'> {
  /** Answers once the server listens. Faults: those of `startServer`. */
  serveLake(options: StreamOptions & { readonly port: number }, effects: WorkEffects): Promise<Serving>
}

export interface Serving {
  /** `http://localhost:4000`. */
  readonly url: string
  close(): Promise<void>
}
