import { Fault } from '#port'

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** What the file system answered, as a Fault of the ObjectStore port. Errors without a known errno are ours and pass as they are. */
export function storeFault(error: unknown, doing: string, path: string): unknown {
  const errno = errnoOf(error)
  if (errno === undefined || error instanceof Fault) return error
  const facts = { path, errno }
  const what = `${doing} ${path} failed: ${errno}`
  switch (errno) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new Fault('store/full', `${what}, no space is left.`, {
        mend: 'Free space on that disk and run again; nothing is lost.',
        cause: error,
        facts,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new Fault('store/refused', `${what}, not permitted.`, {
        mend: 'Give this user the right to read and write that folder, or choose another with --lake.',
        cause: error,
        facts,
      })
    case 'EXDEV':
    case 'EMLINK':
    case 'ENOTSUP':
    case 'EOPNOTSUPP':
    case 'ENOSYS':
      return new Fault('store/refused', `${what}, the file system has no hard links, on which a commit rests.`, {
        mend: 'Put the lake on a local disk (ext4, xfs, APFS, NTFS).',
        cause: error,
        facts,
      })
    case 'EEXIST':
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ENAMETOOLONG':
    case 'ELOOP':
      return new Fault('store/refused', `${what}, something else stands in the way.`, {
        mend: 'Choose another folder with --lake, or move what stands there.',
        cause: error,
        facts,
      })
    case 'EMFILE':
    case 'ENFILE':
    case 'EBUSY':
    case 'EAGAIN':
    case 'EINTR':
    case 'ETIMEDOUT':
    case 'ESTALE':
      return new Fault('store/unreachable', `${what}, the file system is busy.`, {
        mend: 'It is tried again; if it stays so, close other programs that use the folder.',
        retry: true,
        cause: error,
        facts,
      })
    case 'EIO':
    case 'ENXIO':
    case 'EUCLEAN':
    case 'EBADMSG':
      return new Fault('store/damaged', `${what}, the disk cannot be read or written.`, {
        mend: 'Check the disk; restore the folder from a copy if files are lost.',
        cause: error,
        facts,
      })
    default:
      return error
  }
}
