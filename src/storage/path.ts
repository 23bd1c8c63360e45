import { Fault } from '#port'

/** Local temporaries live here, inside the root, so that a rename or link never leaves the file system. No object may. */
export const temporaryFolder = '_tmp'

const notInName = /[\\\0]/

/** Objects are named relative to the root; nothing may step out of it. */
export function checkPath(path: string): void {
  const parts = path.split('/')
  const why =
    path === ''
      ? 'is empty'
      : path.startsWith('/')
        ? 'is absolute'
        : parts.some((part) => part === '' || part === '.' || part === '..')
          ? 'has an empty, "." or ".." part'
          : notInName.test(path)
            ? 'has a backslash or a zero byte'
            : parts[0] === temporaryFolder
              ? `is in ${temporaryFolder}, which the store keeps for itself`
              : undefined
  if (why === undefined) return
  throw new Fault('store/refused', `The object path ${JSON.stringify(path)} ${why}.`, {
    mend: 'Name objects relative to the store, with / between parts.',
    facts: { path },
  })
}

const surrogate = /[\ud800-\udfff]/

/** Sorts in the byte order of UTF-8, which differs from that of JavaScript's strings only where surrogates are. */
export function sortByBytes<T>(items: T[], nameOf: (item: T) => string): T[] {
  return items.some((item) => surrogate.test(nameOf(item)))
    ? items.sort((a, b) => Buffer.compare(Buffer.from(nameOf(a)), Buffer.from(nameOf(b))))
    : items.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0))
}
