const firstWaitMs = 100
const longestWaitMs = 10_000
/** Failures in a row that `once` bears. */
export const patience = 8

/** How long to wait after so many failures in a row, in milliseconds. */
export function restMs(failures: number, random: () => number): number {
  return Math.round((0.5 + random() / 2) * Math.min(longestWaitMs, firstWaitMs * 2 ** failures))
}
