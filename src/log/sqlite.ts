/** One door to the embedded database: opening, transactions, and what it answers as Faults of the RecordLog port. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Fault } from '#port'

export type { DatabaseSync }

/** Another process's transaction takes milliseconds; one that waits this long waits for something else. */
const busyTimeoutMs = 10_000

/** Opens the file, which is made with its folders where it is not there. Nothing is read yet. */
export function openSqlite(path: string): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true })
  return new DatabaseSync(path, { timeout: busyTimeoutMs })
}

/** All that `work` does or nothing of it. Takes the write lock at once, so that it never finds out half-way that another process was first. */
export function writing<T>(database: DatabaseSync, work: () => T): T {
  return within(database, 'BEGIN IMMEDIATE', work)
}

/** Everything that `work` reads is of one moment. */
export function reading<T>(database: DatabaseSync, work: () => T): T {
  return within(database, 'BEGIN', work)
}

function within<T>(database: DatabaseSync, begin: string, work: () => T): T {
  database.exec(begin)
  try {
    const answer = work()
    database.exec('COMMIT')
    return answer
  } catch (error) {
    // A full disk rolls back by itself.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

export function number(row: Readonly<Record<string, unknown>> | undefined, column: string): number {
  return Number(row?.[column] ?? 0)
}

/** What went wrong as a Fault of the port. Errors that no one outside can mend are ours and pass as they are. */
export function logFault(error: unknown, path: string): unknown {
  if (error instanceof Fault || !(error instanceof Error)) return error
  const errno = 'code' in error ? String(error.code) : ''
  const sqlite = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined
  const says = sqlite === undefined ? errno : error.message
  const detail = { cause: error, facts: { file: path, errno: sqlite ?? errno } }
  switch (sqlite === undefined ? errno : primary(sqlite)) {
    case SQLITE.busy:
    case SQLITE.locked:
      return new Fault('log/unreachable', `${path} is held by another process (${says}).`, {
        ...detail,
        mend: 'It is tried again; if it stays so, end the other program that has the file open.',
        retry: true,
      })
    case SQLITE.full:
    case 'ENOSPC':
    case 'EDQUOT':
      return new Fault(
        'log/full',
        `${path} cannot grow, no space is left (${says}). Nothing of this call was written.`,
        {
          ...detail,
          mend: 'Free space on that disk, or let the log keep less with topics.maxMb, and run again.',
        },
      )
    case SQLITE.perm:
    case SQLITE.readonly:
    case SQLITE.cantOpen:
    case SQLITE.auth:
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'EEXIST':
    case 'ENOTDIR':
      return new Fault('log/refused', `${path} cannot be opened for reading and writing (${says}).`, {
        ...detail,
        mend: 'Give this user the right to write that file and its folder, or name another folder with --log.',
      })
    case SQLITE.corrupt:
    case SQLITE.notADatabase:
    case SQLITE.ioError:
      return damaged(path, says, error)
    default:
      return error
  }
}

export function damaged(path: string, how: string, cause?: unknown): Fault {
  return new Fault('log/damaged', `${path} cannot be read as a log (${how}).`, {
    mend: 'Name another folder with --log, or put this one back from a copy; what the lake has landed stands.',
    cause,
    facts: { file: path },
  })
}

/** https://sqlite.org/rescode.html */
const SQLITE = {
  perm: 3,
  busy: 5,
  locked: 6,
  readonly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  auth: 23,
  notADatabase: 26,
  /** The shared-memory file beside the log could not grow. */
  ioErrorShmSize: 10 | (19 << 8),
} as const

function primary(code: number): number {
  return code === SQLITE.ioErrorShmSize ? SQLITE.full : code & 0xff
}
