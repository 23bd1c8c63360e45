/** Text for a terminal: what would drive it, turn it around or hide in it is written out, as `\u{1b}`. */
export function safeText(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`)
}

/** The same document: characters that JSON lets stand and a terminal obeys are written as `\u009b`. */
export function safeJson(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
