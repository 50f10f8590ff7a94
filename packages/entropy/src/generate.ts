import { dictionary } from '@zxcvbn-ts/language-common'
import { judge } from './judge.js'

export type Format = 'base62' | 'base64url' | 'hex' | 'printable' | 'words'

/** Fills the array with uniform random bytes and returns it, as crypto.getRandomValues does. */
export type RandomBytes = (bytes: Uint8Array) => Uint8Array

export interface GenerateOptions {
  readonly format?: Format
  /** Bits of entropy that the password must at least have. Left out: 60 or more, at the format's usual length. */
  readonly bits?: number
  /** Printable ASCII put in front, as vendors mark their tokens: `npg_`. It counts for nothing. */
  readonly prefix?: string
  /** @defaultValue crypto.getRandomValues */
  readonly randomBytes?: RandomBytes
}

export interface Generated {
  readonly password: string
  readonly format: Format
  /** Bits of the draw, less what drawing again may have cost. The prefix adds nothing. */
  readonly bits: number
}

interface Alphabet {
  readonly symbols: readonly string[]
  readonly separator: string
  /** Symbols drawn when no number of bits is asked for. */
  readonly usualLength: number
}

const DIGITS = '0123456789'
const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const BASE62 = `${DIGITS}${LOWER.toUpperCase()}${LOWER}`
const PRINTABLE = String.fromCharCode(...Array.from({ length: 94 }, (_, i) => 0x21 + i)) // ASCII without the space

const ALPHABETS: Readonly<Record<Format, Alphabet>> = {
  base62: { symbols: [...BASE62], separator: '', usualLength: 16 }, // 95.3 bits
  base64url: { symbols: [...BASE62, '-', '_'], separator: '', usualLength: 16 }, // 96 bits; RFC 4648 §5
  hex: { symbols: [...DIGITS, ...'abcdef'], separator: '', usualLength: 24 }, // 96 bits
  printable: { symbols: [...PRINTABLE], separator: '', usualLength: 16 }, // 104.9 bits
  words: { symbols: dictionary['diceware-common'], separator: '-', usualLength: 6 }, // 77.5 bits; 6^5 words
}

export const formats: readonly Format[] = Object.keys(ALPHABETS).filter(isFormat)

const MIN_BITS = 32 // a shorter draw often looks like one from a smaller alphabet: too many would be refused
const MAX_BITS = 1024 // 85 words of 9 letters stay below the length that judge refuses
const MAX_PREFIX_LENGTH = 64

// judge refuses a random draw that looks human, or drawn from a smaller alphabet, by chance; such a draw is thrown away.
// A share r of refused draws makes the rest log2(1 / (1 - r)) bits easier to guess. The headroom keeps r small: base62
// without a digit is worth 0.25 bits a symbol less, and the longer the draw, the more words are in it by chance. r is
// bounded here, charged always, and measured by a test.
const MIN_HEADROOM_BITS = 3
const HEADROOM_SHARE = 1 / 16
const MAX_REFUSED_SHARE = 1 / 4
const REDRAW_LOSS_BITS = Math.log2(1 / (1 - MAX_REFUSED_SHARE)) // 0.42
const MAX_DRAWS = 64 // all of them refused: once in 2^192, or a broken source of randomness

export function isFormat(name: string): name is Format {
  return Object.hasOwn(ALPHABETS, name)
}

/**
 * Draws a password uniformly. Its own judge accepts it at the bits asked for.
 * @throws {RangeError} for an unknown format, bits outside 32 to 1024, a prefix that is not printable ASCII or too long.
 *   The message begins with the name of the option and leaves its value out.
 * @throws {Error} if the source of randomness is broken.
 */
export function generate(options: GenerateOptions = {}): Generated {
  const { format = 'base62', bits, prefix = '', randomBytes = getRandomValues } = options
  if (!isFormat(format)) throw new RangeError(`format must be one of ${formats.join(', ')}`)
  if (bits !== undefined && !(bits >= MIN_BITS && bits <= MAX_BITS)) {
    throw new RangeError(`bits must be ${MIN_BITS} to ${MAX_BITS}`)
  }
  if (!/^[!-~]*$/.test(prefix) || prefix.length > MAX_PREFIX_LENGTH) {
    throw new RangeError(`prefix must be at most ${MAX_PREFIX_LENGTH} characters of printable ASCII`)
  }
  const { symbols, separator, usualLength } = ALPHABETS[format]
  const bitsPerSymbol = Math.log2(symbols.length)
  const headroomBits = Math.max(MIN_HEADROOM_BITS, (bits ?? 0) * HEADROOM_SHARE)
  const length = bits === undefined ? usualLength : Math.ceil((bits + headroomBits) / bitsPerSymbol)
  const policy = bits === undefined ? {} : { minimumBits: bits }

  for (let draws = 0; draws < MAX_DRAWS; draws++) {
    const password = prefix + drawSymbols(symbols, length, randomBytes).join(separator)
    const { verdict } = judge(password, policy)
    if (verdict === 'accept') return { password, format, bits: length * bitsPerSymbol - REDRAW_LOSS_BITS }
  }
  throw new Error(`${MAX_DRAWS} draws in a row looked guessable: the source of randomness is broken`)
}

const UINT32_RANGE = 2 ** 32
const MAX_REJECTIONS = 128 // each has a chance below 7776 / 2^32

/** Uniform draws by rejection: numbers in the incomplete last multiple of the alphabet's size would favour some. */
function drawSymbols(symbols: readonly string[], length: number, randomBytes: RandomBytes): string[] {
  const limit = UINT32_RANGE - (UINT32_RANGE % symbols.length)
  const bytes = new Uint8Array(4)
  const view = new DataView(bytes.buffer)
  const drawn: string[] = []
  let rejections = 0
  while (drawn.length < length) {
    randomBytes(bytes)
    const number = view.getUint32(0)
    const symbol = number < limit ? symbols[number % symbols.length] : undefined
    if (symbol !== undefined) drawn.push(symbol)
    else if (++rejections > MAX_REJECTIONS) throw new Error('the source of randomness is broken')
  }
  bytes.fill(0)
  return drawn
}

// Declared here because this package compiles without the types of a browser or of Node, where both have it.
declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array }

function getRandomValues(bytes: Uint8Array): Uint8Array {
  return crypto.getRandomValues(bytes)
}
