import { snowflakeName, snowflakeText } from '#port'
import type { WarehouseNames, WarehouseTable } from './snowflake.ts'
import { createTable, ledger } from './snowflake.ts'

export interface SetupOptions {
  readonly names: WarehouseNames
  /** People with a schema of their own, `DBT_<USER>`, for models under work. */
  readonly developers: readonly string[]
  /** Bucket and prefix of the lake, `gs://bucket/prefix`, where it is read in place. */
  readonly bucket: string | undefined
  /** Name of the stage over that bucket, `SCHEMA.STAGE`. */
  readonly stage: string
}

/** Schemas that the pipeline and the models write. */
const schemas = ['bronze', 'silver', 'gold', 'dbt_bronze', 'dbt_silver']

const schemaPrivileges = 'USAGE, CREATE TABLE, CREATE VIEW, CREATE STAGE'

/**
 * Statements that make all that a load and the models need, for an administrator to read and run. Running them again changes nothing. Each role makes what it
 * may: roles by USERADMIN, objects by SYSADMIN, grants on what is yet to come by SECURITYADMIN, which alone has MANAGE GRANTS.
 */
export function snowflakeSetup({ names, developers, bucket, stage }: SetupOptions): string {
  const { database, warehouse, role, readerRole } = names
  const own = developers.map((developer) => `dbt_${developer}`)
  const [all, gold] = [[...schemas, ...own], snowflakeName(database, 'gold')]
  const to = (grantee: string) => `TO ROLE ${snowflakeName(grantee)}`
  return statements([
    '-- Roles: one loads and builds, one reads Gold. The first can become the second, and an administrator both.',
    'USE ROLE USERADMIN',
    `CREATE ROLE IF NOT EXISTS ${snowflakeName(role)} COMMENT = 'Loads Silver, builds Gold'`,
    `CREATE ROLE IF NOT EXISTS ${snowflakeName(readerRole)} COMMENT = 'Reads Gold'`,
    `GRANT ROLE ${snowflakeName(readerRole)} ${to(role)}`,
    `GRANT ROLE ${snowflakeName(role)} TO ROLE SYSADMIN`,
    '',
    '-- Objects.',
    'USE ROLE SYSADMIN',
    `CREATE WAREHOUSE IF NOT EXISTS ${snowflakeName(warehouse)} WAREHOUSE_SIZE = 'XSMALL' AUTO_SUSPEND = 60 AUTO_RESUME = TRUE INITIALLY_SUSPENDED = TRUE`,
    `CREATE DATABASE IF NOT EXISTS ${snowflakeName(database)}`,
    ...all.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${snowflakeName(database, schema)}`),
    '',
    '-- Who loads and builds. dbt makes a schema that is not there.',
    `GRANT USAGE ON WAREHOUSE ${snowflakeName(warehouse)} ${to(role)}`,
    `GRANT USAGE, CREATE SCHEMA ON DATABASE ${snowflakeName(database)} ${to(role)}`,
    ...all.map((schema) => `GRANT ${schemaPrivileges} ON SCHEMA ${snowflakeName(database, schema)} ${to(role)}`),
    '',
    '-- Who reads.',
    `GRANT USAGE ON WAREHOUSE ${snowflakeName(warehouse)} ${to(readerRole)}`,
    `GRANT USAGE ON DATABASE ${snowflakeName(database)} ${to(readerRole)}`,
    `GRANT USAGE ON SCHEMA ${gold} ${to(readerRole)}`,
    'USE ROLE SECURITYADMIN',
    ...['TABLES', 'VIEWS'].flatMap((kind) => [
      `GRANT SELECT ON ALL ${kind} IN SCHEMA ${gold} ${to(readerRole)}`,
      `GRANT SELECT ON FUTURE ${kind} IN SCHEMA ${gold} ${to(readerRole)}`,
    ]),
    ...(bucket === undefined ? [] : stageSetup(bucket, stage, names)),
  ])
}

/** A stage over the lake's bucket. `DESC INTEGRATION` then tells the service account that the bucket must let read. */
function stageSetup(bucket: string, stage: string, { database, role }: WarehouseNames): string[] {
  const url = bucket.replace(/^gs:/, 'gcs:').replace(/\/*$/, '/')
  const place = snowflakeName(database, stage)
  return [
    '',
    '-- The lake’s bucket, read in place. Give the account that DESC INTEGRATION names the right to read and list it.',
    'USE ROLE ACCOUNTADMIN',
    `CREATE STORAGE INTEGRATION IF NOT EXISTS FAIRLEAD_LAKE TYPE = EXTERNAL_STAGE STORAGE_PROVIDER = 'GCS' ENABLED = TRUE STORAGE_ALLOWED_LOCATIONS = (${snowflakeText(url)})`,
    'DESC INTEGRATION FAIRLEAD_LAKE',
    'GRANT USAGE ON INTEGRATION FAIRLEAD_LAKE TO ROLE SYSADMIN',
    'USE ROLE SYSADMIN',
    `CREATE STAGE IF NOT EXISTS ${place} URL = ${snowflakeText(url)} STORAGE_INTEGRATION = FAIRLEAD_LAKE`,
    `GRANT USAGE ON STAGE ${place} TO ROLE ${snowflakeName(role)}`,
  ]
}

/** The tables that a load fills, as the contracts have them; a load makes those that are not there, and adds what columns they lack. */
export function snowflakeTables(database: string, tables: readonly WarehouseTable[]): string {
  return statements([ledger, ...tables].map((table) => createTable(database, table)))
}

/** Lines as a text of statements: comments and empty lines stay as they are. */
function statements(lines: readonly string[]): string {
  return lines.map((line) => (line === '' || line.startsWith('--') ? `${line}\n` : `${line};\n`)).join('')
}
