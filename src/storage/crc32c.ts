import crc32c from 'crc-32/crc32c.js'

/** The checksum that Google's storage keeps of every object, as it writes it: 32 bits, big endian, base64. */
export function crc32cOf(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4)
  sum.writeInt32BE(crc32c.buf(bytes))
  return sum.toString('base64')
}
