const names: Readonly<Record<string, string>> = {
  M: 'Manhattan',
  X: 'Bronx',
  K: 'Brooklyn',
  Q: 'Queens',
  R: 'Staten Island',
}

export function boroughName(letter: string): string {
  return names[letter] ?? letter
}

/** Where there is no room. */
export function boroughShort(letter: string): string {
  return letter === 'R' ? 'Staten Is.' : boroughName(letter)
}
