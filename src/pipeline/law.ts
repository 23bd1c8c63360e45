import { Fault } from '#port'

/** Where the records of one source, or of several together, have gone. */
export interface RecordCounts {
  readonly landed: number
  readonly silver: number
  readonly quarantined: number
  readonly duplicates: number
  readonly superseded: number
}

export const noRecords: RecordCounts = { landed: 0, silver: 0, quarantined: 0, duplicates: 0, superseded: 0 }

export function addCounts(a: RecordCounts, b: RecordCounts): RecordCounts {
  return {
    landed: a.landed + b.landed,
    silver: a.silver + b.silver,
    quarantined: a.quarantined + b.quarantined,
    duplicates: a.duplicates + b.duplicates,
    superseded: a.superseded + b.superseded,
  }
}

function keepsTheLaw({ landed, silver, quarantined, duplicates, superseded }: RecordCounts): boolean {
  return landed === silver + quarantined + duplicates + superseded
}

/** The conservation law: every record that landed is in exactly one place. Fault `clean/conservation` names the first source that breaks it. */
export function checkConservation(
  dataset: string,
  sources: readonly (RecordCounts & { readonly source: string; readonly fileName: string })[],
): void {
  for (const { source, fileName, ...counts } of sources) {
    if (keepsTheLaw(counts)) continue
    const { landed, silver, quarantined, duplicates, superseded } = counts
    throw new Fault(
      'clean/conservation',
      `${dataset}, ${fileName}: ${landed} records landed, but ${silver} in Silver + ${quarantined} quarantined + ${duplicates} duplicates + ${superseded} superseded make ${silver + quarantined + duplicates + superseded}.`,
      {
        mend: 'Nothing was published. Clean the dataset again from Bronze with run --full, and report this: it is a fault of the platform or of a table changed by other hands.',
        facts: { dataset, source, fileName, landed, silver, quarantined, duplicates, superseded },
      },
    )
  }
}
