import type { Counts } from '#api'
import { count } from './format.ts'

type Fates = Omit<Counts, 'warned'>

export const fates = ['silver', 'quarantined', 'duplicates', 'superseded'] as const
const fateWords = {
  silver: 'clean',
  quarantined: 'quarantined',
  duplicates: 'duplicates',
  superseded: 'superseded',
} as const

/** What landed, and what became of it. */
export function Equation({ counts }: { counts: Fates }) {
  return (
    <dl class="equation" aria-label="Conservation of records">
      <div class="landed">
        <dt>landed</dt>
        <dd>{count(counts.landed)}</dd>
      </div>
      <span class="sign" aria-hidden="true">
        =
      </span>
      {fates.map((fate, i) => (
        <>
          {i > 0 && (
            <span class="sign" aria-hidden="true">
              +
            </span>
          )}
          <div class={fate}>
            <dt>{fateWords[fate]}</dt>
            <dd>{count(counts[fate])}</dd>
          </div>
        </>
      ))}
    </dl>
  )
}

export function adds({ landed, silver, quarantined, duplicates, superseded }: Fates): boolean {
  return landed === silver + quarantined + duplicates + superseded
}
