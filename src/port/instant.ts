/** An instant, in µs since 1970, as a `Cell` has it: ISO 8601 in UTC, to the millisecond, or to the microsecond where there are any. */
export function instantText(micros: bigint): string {
  const millis = micros / 1_000n - (micros % 1_000n < 0n ? 1n : 0n)
  const rest = micros - millis * 1_000n
  const date = new Date(Number(millis))
  if (Number.isNaN(date.getTime())) return micros > 0n ? 'infinity' : '-infinity'
  const iso = date.toISOString()
  return rest === 0n ? iso : `${iso.slice(0, -1)}${rest.toString().padStart(3, '0')}Z`
}
