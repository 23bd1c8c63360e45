import type { Feature } from 'geojson'
import { feature } from 'topojson-client'

export type Topology = Parameters<typeof feature>[0]

/** The features of every object of a topology, in order, arcs put together and unquantized. Throws where an arc is not there. */
export function topologyFeatures(topology: Topology): readonly Feature[] {
  return Object.values(topology.objects).flatMap((object) => {
    const made = feature(topology, object)
    return made.type === 'FeatureCollection' ? made.features : [made]
  })
}

export function isTopology(value: unknown): value is Topology {
  if (typeof value !== 'object' || value === null) return false
  if (!('type' in value && 'arcs' in value && 'objects' in value)) return false
  return (
    value.type === 'Topology' &&
    Array.isArray(value.arcs) &&
    typeof value.objects === 'object' &&
    value.objects !== null
  )
}
