/** Where a task waits for a turn: before a deed is done, and after. */
export interface Site {
  readonly before: string
  readonly after: string
}

/** Names of sites, each made once: they are looked up at every turn. */
export function siteNames(where: string): (deed: string, of: string) => Site {
  const byDeed = new Map<string, Map<string, Site>>()
  return (deed, of) => {
    const sites = byDeed.get(deed) ?? new Map<string, Site>()
    if (sites.size === 0) byDeed.set(deed, sites)
    const known = sites.get(of)
    if (known !== undefined) return known
    const name = of === '' ? `${where} ${deed}` : `${where} ${deed} ${of}`
    const site = { before: `${name}, before`, after: `${name}, after` }
    sites.set(of, site)
    return site
  }
}
