/** The package carries no types of its own. */
declare module 'polylabel' {
  /** The point inside a polygon (outer ring, then holes) that lies farthest from its outline, found to `precision` in the polygon's own units. */
  export default function polylabel(
    polygon: readonly (readonly (readonly number[])[])[],
    precision?: number,
  ): [number, number] & { distance: number }
}
