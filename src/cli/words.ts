const figures = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `1,829` */
export function figure(value: number): string {
  return figures.format(value)
}

/** `1 row`, `1,829 rows` */
export function count(value: number, noun: string): string {
  return `${figure(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** `240 ms`, `3.2 s`, `2 min 5 s` */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
