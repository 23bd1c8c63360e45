import { Fault } from '#port'

interface Place {
  readonly account: string
  readonly database: string
  readonly role: string
}

/** What went wrong with a statement. */
export function statementFault(error: unknown, sql: string, place: Place): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const { code, state } = codeOf(error)
  const facts = { sql: sql.length > 2_000 ? `${sql.slice(0, 2_000)}…` : sql, code, role: place.role }
  const message = plain(error.message)
  if (isConnection(error, code)) return lostConnection(code, place)
  if (isSignIn(code)) return refusedSignIn(code, place)
  if (code === '604' || code === '605' || state === '57014') return cancelled(sql)
  if (code === '3001' || state === '42501') {
    return new Fault('engine/privilege', `The role ${place.role} may not do this: ${message}`, {
      mend: `Have an administrator grant it to ${place.role}, as the statements of fairlead load --setup do, or name another role with snowflake.role.`,
      facts,
    })
  }
  if (code === '2003' || code === '2043' || code === '90105' || code === '90106' || state === '42S02') {
    return new Fault('engine/missing', message, {
      mend: `Check that it is there in ${place.database} and that ${place.role} may see it; fairlead load --setup prints the statements that make everything needed.`,
      facts,
    })
  }
  return new Fault('engine/sql', message, { mend: 'Mend the SQL at the place the message names.', facts })
}

/** What went wrong with signing in. What the service says in words may quote what was sent, so it is not repeated. */
export function signInFault(error: unknown, place: Place): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const { code } = codeOf(error)
  return isConnection(error, code) ? lostConnection(code, place) : refusedSignIn(code, place)
}

export function cancelled(sql: string): Fault {
  return new Fault('engine/cancelled', 'The query was cancelled.', { mend: 'Run it again.', facts: { sql } })
}

function refusedSignIn(code: string, { account }: Place): Fault {
  return new Fault('engine/sign-in', `Snowflake did not let the user of account ${account} in (code ${code}).`, {
    mend: 'Check snowflake.account and snowflake.user, and the password, key or token in the environment: it may be wrong, expired, or not registered for this user.',
    facts: { account, code },
  })
}

function lostConnection(code: string, { account }: Place): Fault {
  return new Fault(
    'engine/connection',
    `The connection to Snowflake's account ${account} was lost or never stood (code ${code}).`,
    {
      mend: 'Check the network, and snowflake.account or snowflake.url; then call it again: nothing half done stays.',
      retry: true,
      facts: { account, code },
    },
  )
}

function codeOf(error: Error): { code: string; state: string } {
  const code = 'code' in error ? String(error.code).replace(/^0+(?=\d)/, '') : 'none'
  return { code, state: 'sqlState' in error ? String(error.sqlState) : '' }
}

/** The driver's own numbers for requests without a good answer, and those of the machine below it. */
function isConnection(error: Error, code: string): boolean {
  if (/^(401001|401002|402001|402002|4070\d\d|405501|405503|E[A-Z]+)$/.test(code)) return true
  return 'isFatal' in error && error.isFatal === true && /network|terminated|socket/i.test(error.message)
}

/** 390100 to 390999 speak of who is asking; 394xxx of tokens. */
function isSignIn(code: string): boolean {
  return /^39[04]\d\d\d$/.test(code)
}

/** Without the code and state that the service puts before its sentence. */
function plain(message: string): string {
  return message.replace(/^\d{6} \([0-9A-Z]{5}\): /, '').trim()
}
