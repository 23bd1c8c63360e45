import assert from 'node:assert/strict'
import { test } from 'node:test'
import { student975, welch } from '../../src/serve/figures/welch.ts'

test("Student's t agrees with the printed tables from four degrees of freedom", () => {
  const printed: readonly [number, number][] = [
    [4, 2.776],
    [8, 2.306],
    [20, 2.086],
    [60, 2.0],
    [1e6, 1.96],
  ]
  for (const [freedom, quantile] of printed) assert.ok(Math.abs(student975(freedom) - quantile) < 0.01, `${freedom}`)
})

test("Welch's interval of a worked example", () => {
  // n 10 and 15, means 20 and 22, deviations 2 and 4: t(21.5) = 2.077, standard error 1.211.
  const { low95, high95 } = welch({ n: 10, mean: 20, sd: 2 }, { n: 15, mean: 22, sd: 4 })
  assert.ok(Math.abs(low95 - -0.515) < 0.01, `${low95}`)
  assert.ok(Math.abs(high95 - 4.515) < 0.01, `${high95}`)
})
