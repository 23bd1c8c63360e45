/** The city's five boroughs, which are five counties, by the letter that DBNs and location codes carry. */
export const countyByBorough = { M: '36061', X: '36005', K: '36047', Q: '36081', R: '36085' } as const

export const boroughLetters = Object.keys(countyByBorough)

/** District, borough letter, number: `01M015`. */
export const dbnPattern = '[0-9]{2}[MXKQR][0-9]{3}'
