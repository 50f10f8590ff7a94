import type { Estimate } from './estimate.js'
import { codePointLength, utf8Length } from './text.js'

// The formula of go-password-validator 0.3, which hosted platforms use: log2(alphabet) × length, where the alphabet is
// the sum of the character groups met, and the length leaves out what repeats. Kept as the field has it, its oddities
// too, so that a comparison with it is fair. It judges how a password looks, not how it was made.

const GROUPS: readonly string[] = [
  '!@$&*', // often a substitute for a letter
  '_-., ', // often a separator
  '"#%\'()+/:;<=>?[\\]^{|}~',
  'abcdefghijklmnopqrstuvwxyz',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '0123456789',
]

const SEQUENCES: readonly string[] = ['0123456789', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', 'abcdefghijklmnopqrstuvwxyz']

/** Size of the alphabet that the formula assumes: `abcd` 26, `^_` 22 + 5, `123ü` 10 + 1. */
export function charsetBase(password: string): number {
  const met = new Set<string>()
  for (const character of password) met.add(GROUPS.find((group) => group.includes(character)) ?? character)
  let base = 0
  for (const group of met) base += GROUPS.includes(group) ? group.length : 1
  return base
}

/** Characters that the formula counts: `11112222` 4, `qwerty123456z` 5. What is not ASCII counts by its UTF-8 bytes. */
export function charsetLength(password: string): number {
  const runsCut = [...password].filter((character, i, all) => character !== all[i - 1] || character !== all[i - 2])
  const directions = [...SEQUENCES, ...SEQUENCES.map((sequence) => [...sequence].reverse().join(''))]
  return utf8Length(directions.reduce(cutSequence, runsCut).join(''))
}

/**
 * Cuts what follows `sequence` to its first two characters. Each sweep over the sequence consumes the characters that
 * agree with it in order; the character at which a sweep ends is stepped over, as in the original.
 * `qwerty` along `qwertyuiop`: q and w are kept, then e, r, t, y are removed, which leaves `qw`.
 */
function cutSequence(characters: readonly string[], sequence: string): string[] {
  const kept = [...characters]
  let matches = 0
  for (let i = 0; i < kept.length; i++) {
    for (const expected of sequence) {
      if (i >= kept.length) break
      if (kept[i] !== expected) matches = 0
      else if (++matches > 2) kept.splice(i, 1)
      else i++
    }
  }
  return kept
}

/** The charset formula as an engine: one figure for the whole password, and no reason. */
export function charset(password: string): Estimate {
  const base = charsetBase(password)
  const bits = base > 1 ? charsetLength(password) * Math.log2(base) : 0
  return { estimator: 'charset', bits, length: codePointLength(password), segments: [], weakness: null }
}
