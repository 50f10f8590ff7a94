// Claims: the zxcvbn engine reports log2 of the library's guesses, knows the context, and bounds its input.
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common'
import { dictionary as english } from '@zxcvbn-ts/language-en'
import { expect, test } from 'vitest'
import { estimate } from '../src/index.js'

const library = new ZxcvbnFactory({ dictionary: { ...common, ...english }, graphs: adjacencyGraphs })

test.each(['Password1!', 'January2026!', 'neondb_owner1', 'Xk29vQpz7LmR4tBw'])('log2 of the guesses for %s', (text) => {
  const { bits, segments } = estimate(text, {}, 'zxcvbn')
  expect(bits).toBeCloseTo(Math.log2(library.check(text).guesses), 6)
  expect(segments.reduce((sum, segment) => sum + segment.bits, 0)).toBeCloseTo(bits, 6)
})

test('a word of the context costs next to nothing', () => {
  const without = estimate('xyloquartz', {}, 'zxcvbn')
  const known = estimate('xyloquartz', { words: ['xyloquartz'] }, 'zxcvbn')
  expect(known.bits).toBeLessThan(without.bits - 10)
  expect(known.segments).toMatchObject([{ start: 0, end: 10, pattern: 'context' }])
})

test('counts nothing past 32 characters, so that time is bounded', () => {
  const head = 'p@ssw0rd'.repeat(4)
  expect(estimate(`${head}Xk29vQpz7LmR4tBw`, {}, 'zxcvbn').bits).toBe(estimate(head, {}, 'zxcvbn').bits)
})

test('offsets are code points', () => {
  const { segments, length } = estimate('🐘🐘password', {}, 'zxcvbn')
  expect(length).toBe(10)
  expect(segments.at(-1)).toMatchObject({ end: 10, pattern: 'dictionary' })
})
