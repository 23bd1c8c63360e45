/** How bytes may be decoded, in the order in which a contract lists them; the first that decodes without a fault is used. */
export type Encoding = 'utf-8' | 'windows-1252' | 'macintosh' | 'utf-16le'

/** A run of columns under a title of its own. The title is itself a column's header; the columns after it belong to the block. */
export interface Block {
  readonly title: string
  /** Headers in the block become `<prefix> / <header>` in Bronze. */
  readonly prefix: string
}

/**
 * One shape in which a publisher has published the dataset. A file is taken by the layout whose `requires` it has and whose `forbids` it has not:
 * what a file says decides, never its name. Headers are compared by `headerKey` (lower case, runs of anything but letters and digits are one `_`).
 */
export interface Layout {
  readonly name: string
  readonly about: string
  /**
   * `message`: one record of the contract's topic is one JSON object, whose members are named by the columns' first `from`. The other formats are files;
   * a message that was replayed from a file has that file's layout.
   */
  readonly format: 'csv' | 'socrata' | 'geojson' | 'topojson' | 'message'
  readonly requires: readonly string[]
  readonly forbids?: readonly string[]
  /** Physical header records before the first row; the last names the columns. Default 1. */
  readonly headerRows?: number
  /** In order of appearance; a later block starts after an earlier one. Without blocks a repeated header gets ` (2)`, ` (3)`. */
  readonly blocks?: readonly Block[]
  /** Columns whose value follows from the layout itself: the year, the vintage, what kind of boundary. */
  readonly constants?: Readonly<Record<string, string | number>>
}
