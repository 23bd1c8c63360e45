import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SchoolLocationRow, SviRow, Tract2010, Tract2020 } from '../../datasets/rows.generated.ts'

// The assertions are types: this file does not compile where one of them does not hold.
type Assignable<A, B> = [A] extends [B] ? true : false
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false

const never2010: Assignable<Tract2010, Tract2020> = false
const never2020: Assignable<Tract2020, Tract2010> = false
/** `a === b` compiles only where the two have something in common. */
const nothingInCommon: Same<Tract2010 & Tract2020, never> = true
const stillText: Assignable<Tract2010, string> = true
const ofLocation: Same<SchoolLocationRow['tract_2010'], SviRow['tract_2010']> = true
const notOfLocation: Assignable<NonNullable<SviRow['tract_2020']>, SchoolLocationRow['tract_2010']> = false

test('a tract of 2010 is no tract of 2020, in types', () => {
  assert.deepEqual(
    [never2010, never2020, nothingInCommon, stillText, ofLocation, notOfLocation],
    [false, false, true, true, true, false],
  )
})
