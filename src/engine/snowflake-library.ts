import type { Connection, ConnectionOptions } from 'snowflake-sdk'
import { Fault } from '#port'

export type { Column as ResultColumn, RowStatement } from 'snowflake-sdk'
export type { Connection, ConnectionOptions }

type Snowflake = typeof import('snowflake-sdk')

let loaded: Promise<Snowflake> | undefined

/** The one door to Snowflake's driver, which is large and not installed everywhere. Fault: `machine/library`. */
export function loadSnowflake(): Promise<Snowflake> {
  loaded ??= load()
  return loaded
}

async function load(): Promise<Snowflake> {
  const { default: snowflake } = await import('snowflake-sdk').catch((cause: unknown) => {
    throw new Fault('machine/library', 'The library snowflake-sdk is not installed, which Snowflake needs.', {
      mend: 'Run npm ci without leaving out optional packages.',
      cause,
      facts: { library: 'snowflake-sdk' },
    })
  })
  snowflake.configure({
    // Its log would be a file in the folder where the command runs, with the text of every statement.
    logLevel: 'OFF',
    additionalLogToConsole: false,
    keepAlive: false,
    // JSON stays text: a number in it may have more digits than a double.
    jsonColumnVariantParser: (text: string) => text,
  })
  return snowflake
}
