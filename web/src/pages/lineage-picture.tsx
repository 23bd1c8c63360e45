import type { LineageLayer, LineageView } from '#api'
import { Scroll } from '../figure.tsx'
import type { Reach } from '../lineage-ways.ts'
import { hrefWith } from '../route.ts'
import { useEffect, useRef } from '../view.ts'

const layerTitles: Readonly<Record<LineageLayer, string>> = {
  bronze: 'Bronze',
  silver: 'Silver',
  seed: 'Seeds',
  prepared: 'Prepared by dbt',
  gold: 'Gold',
}

interface Chosen {
  readonly table: string | undefined
  readonly above: Reach
  readonly below: Reach
}

/** Every table with its ways, what is around the chosen one standing out. On a narrow screen the list stands instead. */
export function LineagePicture({ view: { layout, lineage }, chosen }: { view: LineageView; chosen: Chosen }) {
  const picture = useRef<SVGSVGElement>(null)
  // The picture is wider than most screens: what is chosen, by its address or from a list, is brought into sight.
  useEffect(() => {
    const box = layout.boxes.find(({ table }) => table === chosen.table)
    const scroll = picture.current?.parentElement
    if (box !== undefined && scroll) scroll.scrollLeft = box.x + box.width / 2 - scroll.clientWidth / 2
  }, [chosen.table])
  const columns = new Map(lineage.tables.map((table) => [table.name, table.columns.length]))
  return (
    <>
      <p class="layer-legend">
        {(Object.keys(layerTitles) as LineageLayer[]).map((layer) => (
          <span>
            <i class={`layer-mark ${layer}`} aria-hidden="true" /> {layerTitles[layer]}
          </span>
        ))}
      </p>
      <Scroll class="scroll-x" label="Tables from Bronze to Gold">
        {/* biome-ignore lint/a11y/noSvgWithoutTitle: its links say what they are, and a title would be shown over each of them. */}
        <svg
          ref={picture}
          class={`lineage-picture ${chosen.table === undefined ? '' : 'choosing'}`}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          width={layout.width}
          height={layout.height}
        >
          {layout.ways.map(({ from, to, path }) => (
            <path class={`way ${wayState(from, to, chosen)}`} d={path} />
          ))}
          {layout.boxes.map(({ table, layer, x, y, width, height }) => (
            <a
              href={hrefWith({ table, column: null })}
              class={`box ${boxState(table, chosen)}`}
              aria-label={`${table}, ${layerTitles[layer]}, ${columns.get(table) ?? 0} columns`}
              aria-current={table === chosen.table ? 'true' : undefined}
            >
              <rect x={x} y={y} width={width} height={height} rx="5" />
              <rect class={`layer-mark ${layer}`} x={x} y={y} width="5" height={height} rx="2" />
              <text x={x + 14} y={y + 25}>
                {table}
              </text>
            </a>
          ))}
        </svg>
      </Scroll>
    </>
  )
}

/** The same tables as words, by layer. */
export function LineageList({ view: { lineage }, chosen }: { view: LineageView; chosen: Chosen }) {
  return (
    <>
      {(Object.keys(layerTitles) as LineageLayer[]).map((layer) => (
        <section class="lineage-layer">
          <h3>
            <i class={`layer-mark ${layer}`} aria-hidden="true" /> {layerTitles[layer]}
          </h3>
          <ul>
            {lineage.tables
              .filter((table) => table.layer === layer)
              .map(({ name }) => (
                <li class={boxState(name, chosen)}>
                  <a
                    href={hrefWith({ table: name, column: null })}
                    aria-current={name === chosen.table ? 'true' : undefined}
                  >
                    {name}
                  </a>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </>
  )
}

function boxState(table: string, { table: chosen, above, below }: Chosen): string {
  if (table === chosen) return 'chosen'
  return above.has(table) ? 'above' : below.has(table) ? 'below' : ''
}

function wayState(from: string, to: string, { table, above, below }: Chosen): string {
  const isIn = (reach: Reach, name: string): boolean => name === table || reach.has(name)
  if (isIn(above, from) && isIn(above, to)) return 'above'
  return isIn(below, from) && isIn(below, to) ? 'below' : ''
}
