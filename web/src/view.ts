// The one door to the view library: replacing it is this file's work.
export { batch, signal } from '@preact/signals'
export type { ComponentChildren } from 'preact'
export { render } from 'preact'
export { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
