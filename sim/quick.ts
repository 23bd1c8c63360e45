import { registerHooks } from 'node:module'

/** From here on `#parquet` is the stand-in. To be called before anything that imports it is loaded; answers what is to be called between two seeds. */
export async function keepFilesPlain(): Promise<() => void> {
  const standIn = new URL('./plain-parquet.ts', import.meta.url).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '#parquet' ? { url: standIn, shortCircuit: true } : next(specifier, context),
  })
  const { forgetFiles } = await import('./plain-parquet.ts')
  return forgetFiles
}
