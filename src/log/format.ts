/** The log's file: what stands in it, and what is checked before anything is read. */
import { Fault } from '#port'
import type { DatabaseSync } from './sqlite.ts'
import { damaged, number, openSqlite, writing } from './sqlite.ts'

/** `Flog` in ASCII, where SQLite keeps what program a file belongs to. */
const applicationId = 0x466c6f67
const formatVersion = 1

/**
 * - `log`: the machine that made the file; `age_ms` is the log's own sense of time (see retention).
 * - `topic.key` is never used again, so that what a removed topic leaves behind can be cleared later, in small steps.
 * - `partition`: offsets that can be read; `newest_ms` is the last record's timestamp.
 * - `chunk`: records first … next − 1. Keyed by `next`, so that one search by offset begins at the chunk that holds it.
 */
const schema = `
  CREATE TABLE log (machine TEXT NOT NULL, clock_ms INTEGER NOT NULL, age_ms INTEGER NOT NULL) STRICT;
  CREATE TABLE topic (
    key INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, id TEXT NOT NULL, partitions INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE partition (
    topic INTEGER NOT NULL, number INTEGER NOT NULL, start INTEGER NOT NULL, next INTEGER NOT NULL, newest_ms INTEGER NOT NULL,
    PRIMARY KEY (topic, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE chunk (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL, first INTEGER NOT NULL,
    timestamp_ms INTEGER NOT NULL, age_ms INTEGER NOT NULL, crc INTEGER NOT NULL, records BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX chunk_offset ON chunk (topic, partition, next);
  CREATE TABLE producer (topic INTEGER NOT NULL, id TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (topic, id)) STRICT, WITHOUT ROWID;
  CREATE TABLE consumer (
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, name TEXT NOT NULL, next INTEGER NOT NULL, PRIMARY KEY (topic, name, partition)
  ) STRICT, WITHOUT ROWID;
  PRAGMA application_id = ${applicationId};
  PRAGMA user_version = ${formatVersion};
`

/** Most of the write-ahead log that stays on disk between checkpoints. */
const walBytes = 16 * 1024 * 1024
const pageBytes = 4096

/** Opens a log's file and makes it where there is none. */
export function openLogDatabase(path: string, machine: string): DatabaseSync {
  const database = openSqlite(path)
  try {
    if (isEmpty(database)) {
      // Both only count before the first table.
      database.exec(`PRAGMA page_size = ${pageBytes}; PRAGMA auto_vacuum = INCREMENTAL`)
      writing(database, () => {
        if (!isEmpty(database)) return // another process made it meanwhile
        database.exec(schema)
        database.prepare('INSERT INTO log VALUES (?, 0, 0)').run(machine)
      })
    }
    check(database, path, machine)
    const journal = database.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode
    if (journal !== 'wal') {
      throw new Fault('log/refused', `${path} is on a disk through which processes cannot share memory (${journal}).`, {
        mend: 'Name a folder on a local disk with --log.',
        facts: { file: path },
      })
    }
    database.exec(`
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = ${walBytes / pageBytes}; PRAGMA journal_size_limit = ${walBytes};
    `)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function isEmpty(database: DatabaseSync): boolean {
  return number(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get(), 'tables') === 0
}

function check(database: DatabaseSync, path: string, machine: string): void {
  if (number(database.prepare('PRAGMA application_id').get(), 'application_id') !== applicationId) {
    throw damaged(path, 'it is a database of another program')
  }
  const version = number(database.prepare('PRAGMA user_version').get(), 'user_version')
  if (version > formatVersion) {
    throw new Fault('log/damaged', `${path} is a log of format ${version}; this Fairlead reads ${formatVersion}.`, {
      mend: 'Use the newer Fairlead that wrote it, or name another folder with --log.',
      facts: { file: path, version },
    })
  }
  const owner = String(database.prepare('SELECT machine FROM log').get()?.machine)
  if (owner !== machine) {
    throw new Fault('log/other-machine', `${path} was made by another machine (${owner}; this one is ${machine}).`, {
      mend: 'Name a folder of this machine with --log: two machines that write one log damage it, and a copy would give one offset to two records.',
      facts: { file: path, owner, machine },
    })
  }
}
