import { Fault } from '#port'

/** For a person: what happened, its code, what mends it. Our own bugs show a stack and where to report it. */
export function failureText(error: unknown, version: string): string {
  if (error instanceof Fault) {
    const mend = error.retry ? `${error.mend} The same call may work later, unchanged.` : error.mend
    return `fairlead: ${error.message} (${error.code})\n  ${mend}\n`
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return `fairlead: this is a bug in fairlead ${version}, not in what you did.\n${stack}\n  Please report it with the lines above.\n`
}

/** The same for a machine: the shape of `error` in `--json`. */
export function faultOf(error: unknown, version: string): ReturnType<Fault['toJSON']> {
  if (error instanceof Fault) return error.toJSON()
  return {
    code: 'bug',
    what: error instanceof Error ? error.message : String(error),
    mend: 'This is a bug in fairlead. Please report it with the stack on stderr.',
    retry: false,
    facts: { version },
  }
}
