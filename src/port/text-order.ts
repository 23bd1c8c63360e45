/** True where `a` stands before `b` in the byte order of UTF-8, which is that of code points and differs from that of JavaScript's strings where surrogates are. */
export function isTextBefore(a: string, b: string): boolean {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i += 1) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return codeRank(left) < codeRank(right)
  }
  return a.length < b.length
}

/** Surrogates stand for code points above all others. */
function codeRank(unit: number): number {
  return unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}
