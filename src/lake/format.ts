import type { ObjectStore } from '#port'
import { Fault } from '#port'

const formatPath = 'format.json'
const formatName = 'fairlead-lake'
const formatVersion = 1

/**
 * Says that the store holds a lake of this format, and makes an empty store one. Faults: `lake/newer-format` (made by a newer Fairlead),
 * `lake/not-a-lake` (holds something else), `lake/damaged` (the mark cannot be read).
 */
export async function openLakeFormat(store: ObjectStore): Promise<{ readonly version: number }> {
  for (;;) {
    const bytes = await store.read(formatPath)
    if (bytes) return checked(bytes, store.name)
    for await (const { path } of store.list('')) {
      if (path === formatPath) break // another process made the lake just now
      throw new Fault('lake/not-a-lake', `${store.name} is no lake: it has no ${formatPath}, but holds ${path}.`, {
        mend: 'Choose an empty or new folder for the lake (--lake DIR).',
        facts: { store: store.name, path },
      })
    }
    const mark = `${JSON.stringify({ format: formatName, version: formatVersion })}\n`
    if ((await store.create(formatPath, new TextEncoder().encode(mark))) === 'created')
      return { version: formatVersion }
  }
}

function checked(bytes: Uint8Array, store: string): { readonly version: number } {
  const broken = (why: string, cause?: unknown): Fault =>
    new Fault('lake/damaged', `${formatPath} of ${store} cannot be read: ${why}.`, {
      mend: `Restore it: {"format":"${formatName}","version":${formatVersion}}, if a Fairlead of this version made the lake.`,
      facts: { store },
      cause,
    })
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw broken('it is not JSON', cause)
  }
  if (typeof json !== 'object' || json === null || !('format' in json) || json.format !== formatName) {
    throw broken(`it does not say "format":"${formatName}"`)
  }
  const version = 'version' in json ? json.version : undefined
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) throw broken('it has no version')
  if (version > formatVersion) {
    throw new Fault(
      'lake/newer-format',
      `${store} is a lake of format ${version}; this Fairlead knows up to ${formatVersion}.`,
      {
        mend: 'Use the newer Fairlead that made it, or choose another folder with --lake.',
        facts: { store, version, known: formatVersion },
      },
    )
  }
  return { version }
}
