export interface ObjectInfo {
  /** Relative to the store's root, `/`-separated, never starting with `/`. */
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/**
 * A flat space of objects under `/`-separated paths. Writes are whole and atomic: a reader sees all of an object or none of it.
 * Once a call that writes has answered, the object survives a crash of the machine (as far as the backend can promise).
 * Faults: `store/unreachable` (retry), `store/refused` (permission), `store/full`, `store/damaged`,
 * `store/missing-bucket` (the place itself is not there).
 */
export interface ObjectStore {
  /** For messages: `file:///…`, `memory:`, `gs://bucket/prefix`. */
  readonly name: string
  /**
   * Folder under which each object is a plain file of the same relative path. Undefined: objects are nowhere as files,
   * and an engine that reads paths is given copies.
   */
  readonly localRoot: string | undefined
  /** The whole object; undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>
  /** Bytes from `start` (inclusive) to `end` (exclusive, clipped to the object); undefined where there is none. */
  readRange(path: string, start: number, end: number): Promise<Uint8Array | undefined>
  /** Every object whose path starts with `prefix`, in byte order of the path; with `after`, only paths greater than it. */
  list(prefix: string, after?: string): AsyncIterable<ObjectInfo>
  /** Writes only where nothing is yet, in one atomic step. 'exists': another writer came first, and nothing was changed. */
  create(path: string, bytes: Uint8Array): Promise<'created' | 'exists'>
  /** Writes whether or not something is there; readers see the old object or the new one. */
  replace(path: string, bytes: Uint8Array): Promise<void>
  /** Removes; nothing there is no fault. */
  remove(path: string): Promise<void>
  /**
   * Answers once the objects right under the folder survive a crash of the machine, whoever wrote them: a reader may see an object before the call that writes it
   * has answered, and that call may never answer. To be asked before something is written elsewhere that rests on them. No such folder is no fault.
   */
  sync(folder: string): Promise<void>
}
