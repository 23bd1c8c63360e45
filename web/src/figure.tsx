import type { ApiFault, Figure as FigureFacts } from '#api'
import { count, schoolYear } from './format.ts'
import { hrefWith, slicerNames } from './route.ts'
import type { ComponentChildren } from './view.ts'
import { useId } from './view.ts'

interface FigureProps {
  readonly title: ComponentChildren
  readonly dek?: ComponentChildren
  /** Buttons that choose what the figure shows. */
  readonly controls?: ComponentChildren
  readonly caption?: ComponentChildren
  readonly class?: string
  readonly busy?: boolean
  readonly children: ComponentChildren
}

/** A framed figure with its words: title, what is shown, and a caption with unit, year and n. */
export function Figure({ title, dek, controls, caption, busy = false, children, ...rest }: FigureProps) {
  const id = useId()
  return (
    <section class={`figure ${rest.class ?? ''}`} aria-labelledby={id} aria-busy={busy}>
      <header class="figure-head">
        <div>
          <h2 id={id}>{title}</h2>
          {dek && <p class="dek">{dek}</p>}
        </div>
        {controls && <div class="controls">{controls}</div>}
      </header>
      <div class="figure-body">{children}</div>
      {caption && <p class="caption">{caption}</p>}
    </section>
  )
}

interface CaptionProps {
  readonly of: FigureFacts
  readonly unit: string
  readonly year?: number
  readonly n: number | null
  readonly missing?: number | null
  readonly missingWords?: string
  readonly more?: ComponentChildren
}

/** What every figure says of itself. */
export function Caption({ of, unit, year, n, missing, missingWords = 'without a value', more }: CaptionProps) {
  return (
    <>
      {of.sample && <strong class="sample-mark">Sample data</strong>}
      <span>Unit: {unit}</span>
      {year !== undefined && <span>School year {schoolYear(year)}</span>}
      <span>{n === null ? 'n: fewer than 5 schools' : `n = ${count(n)} schools`}</span>
      {missing !== undefined && missing !== null && (
        <span>
          {count(missing)} {missingWords}
        </span>
      )}
      {more}
      <span>Publication {of.publication}</span>
    </>
  )
}

export function Loading({ what, height = 240 }: { what: string; height?: number }) {
  return (
    <div class="loading" style={{ minHeight: `${height}px` }} role="status">
      <span class="visually-hidden">Loading {what}</span>
    </div>
  )
}

export function FaultNote({ fault }: { fault: ApiFault }) {
  const mistaken = fault.code === 'serve/bad-request'
  return (
    <div class="note fault" role="alert">
      <p class="note-title">{fault.what}</p>
      <p>{fault.mend}</p>
      {mistaken && (
        <p>
          <a class="button" href={hrefWith(Object.fromEntries(slicerNames.map((name) => [name, null])))}>
            Clear the filters
          </a>
        </p>
      )}
      <p class="code">{fault.code}</p>
    </div>
  )
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="note empty">
      <p class="note-title">{title}</p>
      {children}
    </div>
  )
}

interface ScrollProps {
  readonly label: string
  readonly class: 'scroll-x' | 'scroll-xy'
  readonly children: ComponentChildren
}

/** What may be wider than its place. It scrolls by keyboard too, so it is a stop and has a name. */
export function Scroll({ label, children, ...rest }: ScrollProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class={rest.class} tabIndex={0} aria-label={label}>
      {children}
    </section>
  )
}

/** The numbers of a chart, for who reads rather than looks. */
export function AsTable({ of, children }: { of: string; children: ComponentChildren }) {
  return (
    <details class="as-table">
      <summary>Show the numbers as a table</summary>
      <Scroll class="scroll-x" label={`Numbers: ${of}`}>
        {children}
      </Scroll>
    </details>
  )
}

interface ChoiceProps<T extends string> {
  readonly label: string
  readonly options: readonly { readonly value: T; readonly label: string }[]
  readonly value: T
  /** Name of the parameter in the address. */
  readonly name: string
}

/** One of a few, as links in the address. */
export function Switch<T extends string>({ label, options, value, name }: ChoiceProps<T>) {
  return (
    <nav class="switch" aria-label={label}>
      {options.map((option) => (
        <a
          href={hrefWith({ [name]: option.value, rows: null })}
          aria-current={option.value === value ? 'true' : undefined}
        >
          {option.label}
        </a>
      ))}
    </nav>
  )
}
