import { useEffect, useLayoutEffect, useRef, useState } from '../view.ts'

interface ChartProps {
  /** What the chart says, for who does not see it; its numbers stand in the table beside it. */
  readonly label: string
  /** Drawn anew when this changes or the width does. */
  readonly of: unknown
  readonly draw: (width: number) => Element
  readonly onPick?: (value: unknown) => void
}

/** A chart as wide as its place. */
export function Chart({ label, of, draw, onPick }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)

  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    // Drawn for letters of 16 px and scaled with the page's own, which are larger on a wall.
    const measure = () =>
      setWidth(
        Math.round(
          (Math.floor(element.clientWidth) * 16) /
            Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
        ),
      )
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [])

  useEffect(() => {
    if (width === 0) return
    const drawn = draw(width)
    prepare(drawn, label)
    const picked = () => onPick?.((drawn as Element & { value?: unknown }).value)
    drawn.addEventListener('click', picked)
    place.current?.replaceChildren(drawn)
    return () => drawn.removeEventListener('click', picked)
  }, [of, width])

  return <div class="chart" ref={place} />
}

/** The page's own style sheet holds what the library would put inline, and a link takes the name of the mark in it. */
function prepare(drawn: Element, label: string): void {
  for (const style of drawn.querySelectorAll('style')) style.remove()
  const links = drawn.querySelectorAll('a')
  drawn.setAttribute('role', links.length > 0 ? 'group' : 'img')
  drawn.setAttribute('aria-label', label)
  for (const group of drawn.querySelectorAll('g[aria-label]')) group.removeAttribute('aria-label')
  for (const part of drawn.querySelectorAll('g[aria-description]')) part.removeAttribute('aria-description')
  for (const link of links) {
    const mark = link.querySelector('[aria-label]')
    const name = mark?.getAttribute('aria-label')
    mark?.removeAttribute('aria-label')
    if (name) link.setAttribute('aria-label', name)
    const href = link.getAttributeNS('http://www.w3.org/1999/xlink', 'href')
    if (href !== null) link.setAttribute('href', href)
  }
}
