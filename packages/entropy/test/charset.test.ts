// Claims: the charset engine is the formula that the field uses, oddities included.
// Expected values: the published tests and figures of go-password-validator.
import { describe, expect, test } from 'vitest'
import { charsetBase, charsetLength } from '../src/charset.js'
import { estimate } from '../src/index.js'

describe('base: the sum of the character groups met', () => {
  test.each([
    ['abcd', 26],
    ['abcdA', 52],
    ['A', 26],
    ['^_', 27],
    ['^', 22],
    ['!', 5],
    ['123', 10],
    ['123ü', 11],
    ['123üü', 11],
    ['', 0],
  ])('%s → %d', (password, base) => expect(charsetBase(password)).toBe(base))
})

describe('length: runs of one character and of a sequence count two', () => {
  test.each([
    ['aaaa', 2],
    ['11112222', 4],
    ['aa123456', 4],
    ['876543', 2],
    ['qwerty123456z', 5],
    ['12345678', 2],
    ['bbbbbbbaaaaaaaaa', 4],
    ['ü', 2], // bytes, as in the original
    ['', 0],
  ])('%s → %d', (password, length) => expect(charsetLength(password)).toBe(length))
})

describe('bits: length × log2(base)', () => {
  test.each([
    ['Password1!', 60.66],
    ['qwertyuiop12', 20.68],
    ['T3sting!23Ab', 72.79],
    ['', 0],
    ['üü', 0], // an alphabet of one
  ])('%s → %d', (password, bits) => expect(estimate(password, {}, 'charset').bits).toBeCloseTo(bits, 2))
})
