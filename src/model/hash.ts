import { createHash } from 'node:crypto'

/** Hexadecimal digest of a text's UTF-8 bytes. */
export function hashText(algorithm: 'md5' | 'sha256', value: string): string {
  return createHash(algorithm).update(value, 'utf8').digest('hex')
}

/** dbt's checksum of a file: every run of blanks counts as one, so that formatting changes nothing. */
export function contentHash(content: string): string {
  return hashText('sha256', content.trim().split(/\s+/).join(' '))
}
