/** Numbers that look random and are the same for the same seed on every machine: only arithmetic, no logarithm or sine. */
export interface Dice {
  /** From 0 (inclusive) to 1 (exclusive). */
  next(): number
  chance(share: number): boolean
  /** A whole number, both ends included. */
  whole(least: number, most: number): number
  /** Around 0 with a spread of 1, never beyond ±4.3. */
  normal(): number
  pick<T>(list: readonly [T, ...T[]]): T
}

/** Dice of their own for each purpose, so that asking for more of one thing leaves all others as they were. */
export function diceFor(seed: number, ...purpose: readonly (string | number)[]): Dice {
  let state = fnv1a(`${seed}/${purpose.join('/')}`)
  // mulberry32
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    chance: (share) => next() < share,
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    // Irwin and Hall: six uniform numbers have a variance of one half.
    normal: () => (next() + next() + next() + next() + next() + next() - 3) * Math.SQRT2,
    pick: (list) => list[Math.floor(next() * list.length)] ?? list[0],
  }
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash | 0
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
