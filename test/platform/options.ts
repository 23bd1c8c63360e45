import type { ReaderOptions } from '#platform'

/** What a test says of a lake and of the log beside it. */
export function lakeOptions(lake: string): ReaderOptions {
  return {
    ...{ lake, datasets: [], models: [], engine: { memoryMb: 1024 } },
    topics: { keepHours: 1, maxMb: 16 },
  }
}
