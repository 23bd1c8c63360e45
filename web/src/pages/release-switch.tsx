import { Switch } from '../figure.tsx'

/** Chooses which release of the vulnerability index a page rests on. */
export function ReleaseSwitch({ vintages, vintage }: { vintages: readonly number[]; vintage: number }) {
  return (
    <Switch
      label="Release of the vulnerability index"
      name="vintage"
      value={String(vintage)}
      options={vintages.map((year) => ({ value: String(year), label: `SVI ${year}` }))}
    />
  )
}
