/** The longest password that is judged, in code points. Longer ones are refused by name, never truncated. */
export const MAX_LENGTH = 1024

/**
 * The text as PostgreSQL hashes it, SASLprep in the main: compatibility forms folded, what has no glyph removed.
 * `pass\u00ADword` is `password`. One code point can become 18.
 */
export function foldText(text: string): string {
  return text.normalize('NFKC').replace(/\p{Default_Ignorable_Code_Point}/gu, '')
}

/** Is the text, as given or folded, longer than is judged? */
export function isTooLong(text: string): boolean {
  // Folding itself takes time: what is too long as given is not folded.
  return codePointLength(text) > MAX_LENGTH || codePointLength(foldText(text)) > MAX_LENGTH
}

/** Length in code points, the unit of every length and offset in this package. */
export function codePointLength(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

/** Length of the UTF-8 form in bytes. Lone surrogates count as the three bytes of U+FFFD. */
export function utf8Length(text: string): number {
  let lengthBytes = 0
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0
    lengthBytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
  }
  return lengthBytes
}

/** Bits cut, not rounded, to a tenth: 59.97 must not read as the 60 that it is not. */
export function floorBits(bits: number): number {
  return Math.floor(bits * 10) / 10
}

/** Bits as a person reads them: `38.4`, `60`. */
export function formatBits(bits: number): string {
  return String(floorBits(bits))
}

/** @throws {TypeError} if `value` is not a string. The value is never part of the message: it may be a password. */
export function assertString(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`)
}
