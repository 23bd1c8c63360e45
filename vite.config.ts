import { defineConfig } from 'vite'

/** The dashboard's bundle: `web/` → `web/dist`. Nothing is inlined, so that the page runs under a policy without inline code. */
export default defineConfig({
  root: 'web',
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    chunkSizeWarningLimit: 700,
  },
})
