/** Names by which a broken seed says what it broke. `scripts/mutate.ts` shows of each that a fault of the product can turn it red. */
export const checks = [
  'once',
  'order',
  'history',
  'one place',
  'ledger',
  'conservation',
  'txn',
  'log',
  'contiguous',
  'put-if-absent',
  'readable',
  'durable',
  'assignment',
  'liveness',
  'no surprise',
] as const

export type Check = (typeof checks)[number]

/** Something that must never be. */
export class Broken extends Error {
  readonly check: Check
  constructor(check: Check, what: string) {
    super(what)
    this.name = 'Broken'
    this.check = check
  }
}
