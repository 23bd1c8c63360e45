export type { Dice } from '../src/season/random.ts'
export { diceFor } from '../src/season/random.ts'
