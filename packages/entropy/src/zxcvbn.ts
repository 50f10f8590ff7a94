import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common'
import { dictionary as english } from '@zxcvbn-ts/language-en'
import type { Estimate, EstimateContext, Pattern, Segment } from './estimate.js'
import { codePointLength } from './text.js'
import { describeWeakness } from './weakness.js'

// Time grows with the square of the length times the l33t readings tried: 256 characters of `p@ssw0rd` at the library's
// own 100 readings take 655 ms. 32 characters and 4 readings stay under 25 ms on every hostile input tried.
const MAX_CHARACTERS = 32
const MAX_L33T_READINGS = 4
// The library has no bound on the words a caller names; ours are a handful of identifiers of at most 63 bytes.
const MAX_CONTEXT_WORDS = 32

let factory: ZxcvbnFactory | undefined // built on first use: ranking the dictionaries takes 0.3 s

const PATTERNS: Readonly<Record<string, Pattern>> = {
  date: 'date',
  dictionary: 'dictionary',
  regex: 'date', // its only regular expression is the recent year
  repeat: 'repeat',
  sequence: 'sequence',
  spatial: 'keyboard',
  wordSequence: 'phrase',
}

/**
 * zxcvbn-ts as an engine: bits are log2 of its guesses. Past the first 32 characters it counts nothing, so for longer
 * input the figure is a lower bound.
 */
export function zxcvbn(password: string, context: EstimateContext): Estimate {
  factory ??= new ZxcvbnFactory({
    dictionary: { ...common, ...english },
    graphs: adjacencyGraphs,
    l33tMaxSubstitutions: MAX_L33T_READINGS,
  })
  const judged = [...password].slice(0, MAX_CHARACTERS).join('')
  const result = factory.check(judged, context.words?.slice(0, MAX_CONTEXT_WORDS) ?? [])
  const bits = Math.max(0, Math.log2(result.guesses))
  const found = result.sequence.map((match) => ({
    start: codePointLength(judged.slice(0, match.i)),
    end: codePointLength(judged.slice(0, match.j + 1)),
    pattern: match.dictionaryName === 'userInputs' ? 'context' : (PATTERNS[match.pattern] ?? 'random'),
    bits: Math.log2(Number(match.guesses)),
  }))
  return {
    estimator: 'zxcvbn',
    bits,
    length: codePointLength(password),
    segments: scaled(found, bits),
    weakness: describeWeakness(found),
  }
}

/** zxcvbn adds to the product of its matches a price for their number; it is spread so that the segments add up. */
function scaled(segments: readonly Segment[], bits: number): Segment[] {
  const sum = segments.reduce((total, segment) => total + segment.bits, 0)
  return segments.map((segment) => ({ ...segment, bits: sum > 0 ? (segment.bits * bits) / sum : 0 }))
}
