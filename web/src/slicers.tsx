import type { Choice, Options } from '#api'
import { count, schoolYear } from './format.ts'
import { go, hrefWith, listParameter, parameter } from './route.ts'
import type { ComponentChildren } from './view.ts'
import { useEffect, useRef } from './view.ts'

/** Borough, district, program and year: every view follows them, and so does the address. */
export function Slicers({ options }: { options: Options }) {
  const chips = [
    ...chipsOf('borough', options.boroughs),
    ...chipsOf('district', options.districts),
    ...chipsOf('program', options.programs),
  ]
  return (
    <FilterBand chips={chips}>
      <YearSlicer options={options} />
      <Slicer name="borough" title="Borough" choices={options.boroughs} />
      <Slicer name="district" title="District" choices={options.districts} columns />
      <Slicer name="program" title="Program" choices={options.programs} />
    </FilterBand>
  )
}

/** The year alone, for what is published of the whole city only. */
export function YearBand({ options }: { options: Options }) {
  return (
    <FilterBand chips={[]}>
      <YearSlicer options={options} />
    </FilterBand>
  )
}

interface Chip {
  /** Of the parameter in the address. */
  readonly name: string
  readonly value: string
  readonly label: string
}

/** Filters in a row that stays in sight, and those that are on below them. */
export function FilterBand({ chips, children }: { chips: readonly Chip[]; children: ComponentChildren }) {
  const none = Object.fromEntries(chips.map(({ name }) => [name, null]))
  return (
    <div class="band">
      <search class="slicers" aria-label="Filters">
        <div class="slicer-row">{children}</div>
        {chips.length > 0 && (
          <ul class="chips" aria-label="Filters that are on">
            {chips.map(({ name, value, label }) => (
              <li>
                <a class="chip" href={hrefWith({ [name]: without(name, value), rows: null })}>
                  {label}
                  <span aria-hidden="true">×</span>
                  <span class="visually-hidden">: take this filter away</span>
                </a>
              </li>
            ))}
            <li>
              <a class="clear" href={hrefWith({ ...none, rows: null })}>
                Clear all
              </a>
            </li>
          </ul>
        )}
      </search>
    </div>
  )
}

function YearSlicer({ options }: { options: Options }) {
  const year = parameter('year') ?? String(options.defaultYear ?? '')
  return (
    <label class="slicer year">
      <span>School year</span>
      <select value={year} onChange={(event) => go(hrefWith({ year: event.currentTarget.value, rows: null }))}>
        {options.years.map(({ year: ending, rates }) => (
          <option value={String(ending)} selected={String(ending) === year}>
            {schoolYear(ending)}
            {rates.length === 0 ? ' (no response rates)' : ''}
          </option>
        ))}
      </select>
    </label>
  )
}

interface SlicerProps {
  /** Of the parameter in the address. */
  readonly name: string
  readonly title: string
  readonly choices: readonly Choice[]
  readonly columns?: boolean
}

export function Slicer({ name, title, choices, columns = false }: SlicerProps) {
  const chosen = listParameter(name)
  const box = useRef<HTMLDetailsElement>(null)

  useEffect(() => {
    const close = (event: Event) => {
      const element = box.current
      if (element?.open && event.target instanceof Node && !element.contains(event.target)) element.open = false
    }
    const closeByKey = (event: KeyboardEvent) => {
      const element = box.current
      if (event.key !== 'Escape' || !element?.open) return
      element.open = false
      element.querySelector('summary')?.focus()
    }
    document.addEventListener('pointerdown', close)
    document.addEventListener('focusin', close)
    document.addEventListener('keydown', closeByKey)
    return () => {
      document.removeEventListener('pointerdown', close)
      document.removeEventListener('focusin', close)
      document.removeEventListener('keydown', closeByKey)
    }
  }, [])

  const shown =
    chosen.length === 0
      ? 'All'
      : chosen.length === 1
        ? (choices.find(({ value }) => value === chosen[0])?.label ?? chosen[0])
        : `${chosen.length} chosen`
  return (
    <details class="slicer" ref={box}>
      <summary>
        <span>{title}</span>
        <b>{shown}</b>
      </summary>
      <fieldset class={columns ? 'columns' : ''}>
        <legend class="visually-hidden">{title}</legend>
        {choices.map(({ value, label, schools }) => (
          <label>
            <input
              type="checkbox"
              checked={chosen.includes(value)}
              onChange={(event) =>
                go(hrefWith({ [name]: changed(name, value, event.currentTarget.checked), rows: null }))
              }
            />
            <span>{columns ? label.replace('District ', '') : label}</span>
            <small>{count(schools)}</small>
          </label>
        ))}
      </fieldset>
    </details>
  )
}

export function chipsOf(name: string, choices: readonly Pick<Choice, 'value' | 'label'>[]): readonly Chip[] {
  return listParameter(name).map((value) => ({
    name,
    value,
    label: choices.find((choice) => choice.value === value)?.label ?? value,
  }))
}

function without(name: string, value: string): string | null {
  return changed(name, value, false)
}

function changed(name: string, value: string, on: boolean): string | null {
  const others = listParameter(name).filter((other) => other !== value)
  const values = on ? [...others, value] : others
  return values.length === 0 ? null : values.join(',')
}
