import { join } from 'node:path'
import { warehouseNames } from '#compile'
import { isAddress } from '#config'
import type { SnowflakeIdentity, SnowflakeOptions } from '#engine'
import type { SqlEngine } from '#port'
import { Fault } from '#port'
import type { SnowflakeSettings } from './api.ts'
import { makeFolder } from './scratch.ts'

/** A session at the warehouse. `folder` is for files on their way. Faults: `config/snowflake`, `engine/sign-in`, `engine/connection`. */
export async function openWarehouse(settings: SnowflakeSettings, folder: string): Promise<SqlEngine<'snowflake'>> {
  const options = sessionOptions(settings, folder)
  const { snowflakeEngine } = await import('#engine')
  return snowflakeEngine(options)
}

/** Signs in and looks for the database; says what was found. Faults as above, and `engine/missing`. */
export async function lookAtWarehouse(settings: SnowflakeSettings): Promise<string> {
  const { folder, dispose } = await makeFolder()
  try {
    const warehouse = await openWarehouse(settings, folder)
    try {
      const { account, database, role, user } = settings
      await checkDatabase(database, role, warehouse)
      return `account ${account} lets ${user} in, and ${role} sees the database ${database}`
    } finally {
      await warehouse.close()
    }
  } finally {
    await dispose()
  }
}

/** Fault: `engine/missing`, with the mend, before a statement fails on it in the middle of a load. */
export async function checkDatabase(database: string, role: string, warehouse: SqlEngine<'snowflake'>): Promise<void> {
  const { rows } = await warehouse.query(`SHOW DATABASES LIKE '${database.replaceAll("'", "''")}'`)
  if (rows.length > 0) return
  throw new Fault('engine/missing', `The database ${database} is not there, or ${role} may not see it.`, {
    mend: 'Have an administrator run what fairlead load --setup prints, or name another database with snowflake.database.',
    facts: { database, role },
  })
}

function sessionOptions(settings: SnowflakeSettings, folder: string): SnowflakeOptions {
  const { account, user, url, role, warehouse, database, readerRole } = settings
  if (account === undefined || user === undefined) {
    throw configFault(
      'No account of Snowflake is named, or no user.',
      'Set snowflake.account and snowflake.user in fairlead.yaml, or FAIRLEAD_SNOWFLAKE_ACCOUNT and FAIRLEAD_SNOWFLAKE_USER.',
    )
  }
  // What does not look like an address may hold a password, so it is not repeated.
  const address = url === undefined ? undefined : URL.parse(url)
  if (url !== undefined && (!isAddress(url) || !isPlain(address))) {
    throw configFault('snowflake.url is no plain address.', 'Write https://host, without a user or a password.')
  }
  const place = { account, user, url, role, warehouse, database, readerRole }
  return {
    ...place,
    identity: identityOf(settings),
    schema: 'PUBLIC',

    scratchFolder: join(folder, 'warehouse'),
  }
}

/** Names and passwords go over TLS, or no further than this machine. */
function isPlain(address: URL | null | undefined): boolean {
  if (address?.username !== '' || address.password !== '') return false
  return (
    address.protocol === 'https:' ||
    (address.protocol === 'http:' && /^(127\.|localhost$|\[::1\]$)/.test(address.hostname))
  )
}

function identityOf({ privateKey, keyPassword, token, password }: SnowflakeSettings): SnowflakeIdentity {
  const given: SnowflakeIdentity[] = [
    ...(privateKey === undefined ? [] : [{ by: 'key-pair', privateKey, password: keyPassword } as const]),
    ...(token === undefined ? [] : [{ by: 'oauth', token } as const]),
    ...(password === undefined ? [] : [{ by: 'password', password } as const]),
  ]
  const [identity, other] = given
  if (identity !== undefined && other === undefined) return identity
  throw configFault(
    identity === undefined
      ? 'There is nothing to sign in at Snowflake with.'
      : `There is more than one way to sign in at Snowflake: ${given.map(({ by }) => by).join(', ')}.`,
    'Set exactly one of FAIRLEAD_SNOWFLAKE_PRIVATE_KEY, FAIRLEAD_SNOWFLAKE_TOKEN and FAIRLEAD_SNOWFLAKE_PASSWORD in the environment.',
  )
}

function configFault(what: string, mend: string): Fault {
  return new Fault('config/snowflake', what, { mend })
}

/** The stage that setup makes over a bucket, where none is named. */
export const lakeStage = 'BRONZE.LAKE'

export function namesOf({ database, warehouse, role, readerRole }: SnowflakeSettings): typeof warehouseNames {
  return { ...warehouseNames, database, warehouse, role, readerRole }
}
