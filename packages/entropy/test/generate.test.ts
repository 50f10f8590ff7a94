// Claims: draws are uniform, of exactly known entropy, at least the bits asked for; judge accepts all of them; a broken
// source of randomness ends in an error.
import { dictionary } from '@zxcvbn-ts/language-common'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Format, formats, generate, judge } from '../src/index.js'

const draws = process.env.SLOW ? 100_000 : 300
const REDRAW_LOSS_BITS = Math.log2(4 / 3) // at most one draw in four is refused

test('by default 16 base62 characters: 16 × log2 62 = 95.27 bits', () => {
  const { password, bits, format } = generate()
  expect(password).toMatch(/^[0-9A-Za-z]{16}$/)
  expect(format).toBe('base62')
  expect(bits).toBeCloseTo(95.27 - REDRAW_LOSS_BITS, 2)
})

describe.each([
  // Least length with length × bits of a symbol ≥ 60 + 60 / 16
  { format: 'base62', pattern: /^[0-9A-Za-z]{11}$/, bits: 65.497 }, // 11 × 5.954
  { format: 'base64url', pattern: /^[0-9A-Za-z_-]{11}$/, bits: 66 }, // 11 × 6
  { format: 'hex', pattern: /^[0-9a-f]{16}$/, bits: 64 }, // 16 × 4
  { format: 'printable', pattern: /^[!-~]{10}$/, bits: 65.546 }, // 10 × 6.555
  { format: 'words', pattern: /^[a-z]+(-[a-z]+){4}$/, bits: 64.624 }, // 5 × 12.925
] as const)('$format of 60 bits', ({ format, pattern, bits }) => {
  test('has the least length that leaves headroom', () => {
    const generated = generate({ format, bits: 60 })
    expect(generated.password).toMatch(pattern)
    expect(generated.bits).toBeCloseTo(bits - REDRAW_LOSS_BITS, 2)
  })

  test('is always accepted, also at its usual length and behind a prefix, and seldom drawn again', () => {
    let bytesDrawn = 0
    const randomBytes = (bytes: Uint8Array) => {
      bytesDrawn++
      return crypto.getRandomValues(bytes)
    }
    for (let i = 0; i < draws; i++) {
      expect(judge(generate({ format, bits: 60, randomBytes }).password).verdict).toBe('accept')
    }
    const symbols = format === 'words' ? 5 : Math.ceil((60 + 60 / 16) / Math.log2(sizes[format]))
    expect(bytesDrawn / symbols / draws).toBeLessThan(4 / 3) // the share that REDRAW_LOSS_BITS is charged for
    for (let i = 0; i < draws / 10; i++) {
      expect(judge(generate({ format }).password).verdict).toBe('accept')
      expect(judge(generate({ format, bits: 60, prefix: 'npg_' }).password).verdict).toBe('accept')
    }
  })
})

const sizes: Readonly<Record<Format, number>> = { base62: 62, base64url: 64, hex: 16, printable: 94, words: 7776 }

test('at least the bits asked for, accepted at that bar, in every format', () => {
  fc.assert(
    fc.property(fc.constantFrom(...formats), fc.double({ min: 32, max: 512, noNaN: true }), (format, bits) => {
      const generated = generate({ format, bits })
      expect(generated.bits).toBeGreaterThanOrEqual(bits)
      expect(judge(generated.password, { minimumBits: bits }).verdict).toBe('accept')
    }),
    { numRuns: process.env.SLOW ? 1000 : 50 },
  )
})

test.each([128, 512])('%d bits behind a prefix are drawn again as seldom', (bits) => {
  const prefixes = ['', 'npg_', 'AVNS_', 'correct-horse-battery-']
  let bytesDrawn = 0
  let symbols = 0
  const randomBytes = (bytes: Uint8Array) => {
    bytesDrawn++
    return crypto.getRandomValues(bytes)
  }
  for (const prefix of prefixes) {
    for (const format of formats) {
      for (let i = 0; i < 3; i++) {
        generate({ format, bits, prefix, randomBytes })
        symbols += Math.ceil((bits + bits / 16) / Math.log2(sizes[format]))
      }
    }
  }
  expect(bytesDrawn / symbols).toBeLessThan(4 / 3)
})

test('a prefix stands in front and adds no bits', () => {
  const { password, bits } = generate({ bits: 60, prefix: 'npg_' })
  expect(password).toMatch(/^npg_[0-9A-Za-z]{11}$/)
  expect(bits).toBe(generate({ bits: 60 }).bits)
})

test('symbols are uniform: chi-squared of 62 symbols', () => {
  const counts = new Map<string, number>()
  const passwords = 1000
  for (let i = 0; i < passwords; i++) {
    for (const symbol of generate().password) counts.set(symbol, (counts.get(symbol) ?? 0) + 1)
  }
  const expected = (passwords * 16) / 62
  const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  expect(counts.size).toBe(62)
  expect(chiSquared).toBeLessThan(130) // 61 degrees of freedom: above 130 once in 10^6
})

test('numbers in the incomplete last multiple are rejected, not folded', () => {
  // 2^32 mod 62 = 4: the last 4 numbers would favour the first 4 symbols.
  const numbers = [0xffff_ffff, 0xffff_fffc, 0xffff_fffb]
  let calls = 0
  const randomBytes = (bytes: Uint8Array) => {
    new DataView(bytes.buffer).setUint32(0, numbers[calls++] ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0)
    return bytes
  }
  const { password } = generate({ randomBytes })
  expect(password[0]).toBe('z') // 0xfffffffb mod 62 = 61, the last symbol
  expect(calls).toBe(16 + 2)
})

test.each([
  ['stuck at one accepted number', 0],
  ['stuck at a rejected number', 0xff],
])('a source of randomness %s', (_name, byte) => {
  expect(() => generate({ randomBytes: (bytes) => bytes.fill(byte) })).toThrow('source of randomness is broken')
})

test.each([
  [{ bits: 31 }],
  [{ bits: 1025 }],
  [{ bits: Number.NaN }],
  [{ prefix: 'a b' }],
  [{ prefix: 'x'.repeat(65) }],
  [{ format: 'toString' as Format }],
])('%j is a RangeError', (options) => expect(() => generate(options)).toThrow(RangeError))

test('the words are five dice', () => expect(new Set(dictionary['diceware-common']).size).toBe(7776))
