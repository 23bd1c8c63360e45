import assert from 'node:assert/strict'
import { Fault } from '#port'

/** For `assert.rejects`: the fault of the code, whose message names all the words. */
export const isFault =
  (code: string, ...words: string[]) =>
  (error: unknown) => {
    assert.ok(error instanceof Fault, String(error))
    assert.equal(error.code, code)
    for (const word of words) assert.ok(error.message.includes(word), `${error.message} names ${word}`)
    return true
  }
