const decimalDigits = /^([+-]?)(\d*)(?:\.(\d*))?$/

/** The digits of a decimal as one integer; more digits than the scale has are refused rather than rounded. */
export function unscaled(value: unknown, scale: number): bigint {
  const match = decimalDigits.exec(String(value))
  const fraction = (match?.[3] ?? '').replace(/0+$/, '')
  if (!match || fraction.length > scale) {
    throw new RangeError(`${String(value)} is not a decimal with ${scale} digits after the point`)
  }
  const digits = BigInt(`${match[2]}${fraction.padEnd(scale, '0')}` || '0')
  return match[1] === '-' ? -digits : digits
}

/** The text of a decimal, with all the digits after the point that its scale has. */
export function scaled(digits: bigint, scale: number): string {
  const sign = digits < 0n ? '-' : ''
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0')
  return scale === 0 ? sign + text : `${sign}${text.slice(0, -scale)}.${text.slice(-scale)}`
}
