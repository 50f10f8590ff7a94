// Claims: judge refuses the passwords that the charset formula lets through, accepts random ones, refuses by name what is
// no password at all, and says why without a part of the password.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { estimate, estimators, floorBits, formatBits, judge, MAX_LENGTH } from '../src/index.js'

const numRuns = process.env.SLOW ? 5000 : 200

const names = Object.keys(estimators) as (keyof typeof estimators)[]

describe('refused as too weak', () => {
  test.each([
    'Password1!',
    'January2026!',
    'T3sting!23Ab',
    'neondb_owner1',
    'correct horse battery staple',
    'qwertyuiop[]asdfghjkl',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'abcdefghijklmnopqrstuvwxyz0123456789',
    'P@ssw0rdP@ssw0rdP@ssw0rdP@ssw0rd',
    'pass\u00ADword\u200B1234567890', // soft hyphen, zero-width space
    'ｐａｓｓｗｏｒｄ１２３４５６７８９０', // fullwidth
    '🐘🐘🐘🐘🐘🐘🐘🐘🐘🐘🐘🐘',
  ])('%s', (password) => {
    const judgement = judge(password)
    expect(judgement).toMatchObject({ verdict: 'refuse', code: 'too_weak', requiredBits: 60 })
    expect(judgement.bits).toBeLessThan(60)
    expect(judgement.detail).toMatch(/^Estimated at [\d.]+ bits of entropy; 60 are required\. Weakest part: .+\.$/)
    expect(judgement.hint).toBe('Generate one with: sixtybits generate')
  })

  test('what the role is called', () => {
    const words = ['zqxw_kvjbp_gfhty']
    expect(judge('zqxw_kvjbp_gfhty1').verdict).toBe('accept')
    expect(judge('zqxw_kvjbp_gfhty1', {}, { words })).toMatchObject({
      verdict: 'refuse',
      detail: expect.stringContaining('the name of the role, the database or the cluster'),
    })
  })
})

test.each([
  ['a long name', 'qzkwvjxbpfghtmrdlcnsyzqwxkvjbpfgh'],
  ['emoji', '🐘🦭🐬🐢🦀🐡🦐🐙'],
  ['a name read backwards', [...'zqxwkvjbpgfhty'].reverse().join('')],
])('context: %s', (_name, word) => {
  const words = ['zqxwkvjbpgfhty', 'qzkwvjxbpfghtmrdlcnsyzqwxkvjbpfgh', '🐘🦭🐬🐢🦀🐡🦐🐙']
  expect(estimate(`${word}7!`).bits).toBeGreaterThan(60)
  expect(estimate(`${word}7!`, { words }).bits).toBeLessThan(40)
})

test('16 random base62 characters are accepted', () => {
  const symbols = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789']
  const password = fc
    .array(fc.constantFrom(...symbols), { minLength: 16, maxLength: 16 })
    .map((drawn) => drawn.join(''))
  // fast-check favours small values, so its draws are not uniform: ours are.
  fc.assert(
    fc.property(fc.noShrink(password), () => {
      const drawn = Array.from(crypto.getRandomValues(new Uint32Array(16)), (n) => symbols[n % 62]).join('')
      return judge(drawn).verdict === 'accept'
    }),
    { numRuns },
  )
})

describe('refused by name, before any estimate', () => {
  test.each([
    ['', 'empty'],
    ['x'.repeat(MAX_LENGTH + 1), 'too_long'],
    ['🐘'.repeat(MAX_LENGTH + 1), 'too_long'],
    ['\uFDFA'.repeat(64), 'too_long'], // one ligature folds to 18 code points
    ['Xk29vQpz7LmR4tBw\n', 'control_character'],
    ['Xk29vQpz7LmR4tBw\u0000', 'control_character'],
    ['Xk29vQpz7LmR4tBw\u0085', 'control_character'],
    ['Xk29vQpz7LmR4tBw\ud83d', 'malformed_text'],
  ])('%j', (password, code) => {
    expect(judge(password)).toMatchObject({ verdict: 'refuse', code, bits: 0, estimate: null })
  })

  test('the longest allowed is judged', () => {
    const longest = Array.from({ length: MAX_LENGTH }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000)))
    expect(judge(longest.join(''))).toMatchObject({ verdict: 'accept', code: 'accepted', hint: null })
  })
})

describe('an estimate', () => {
  test.each(names)('%s never throws on a string and has segments without gaps that add up', (name) => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 64 }),
        fc.array(fc.string(), { maxLength: 3 }),
        (text, words) => {
          const { bits, segments } = estimate(text, { words }, name)
          expect(bits).toBeGreaterThanOrEqual(0)
          expect(Number.isFinite(bits)).toBe(true)
          segments.forEach(({ start, end }, i) => {
            expect(start).toBe(segments[i - 1]?.end ?? 0)
            expect(end).toBeGreaterThan(start)
          })
          if (segments.length > 0) expect(segments.reduce((sum, s) => sum + s.bits, 0)).toBeCloseTo(bits, 6)
        },
      ),
      { numRuns },
    )
  })

  test.each(names)('%s holds no part of the password, and nor does the judgement', (name) => {
    // Drawn from letters that no text of ours is written in, so that any trace of them is a leak.
    const password = fc.string({ unit: fc.constantFrom(...'жщъыэюяЖЩЪ'), minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(password, (text) => {
        expect(JSON.stringify(judge(text, { estimator: name }))).not.toMatch(/\p{Script=Cyrillic}/u)
      }),
      { numRuns },
    )
  })

  test('printable ASCII is never worth more than a uniform draw of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.integer({ min: 33, max: 126 }).map((c) => String.fromCharCode(c)) }), (text) => {
        expect(estimate(text).bits).toBeLessThanOrEqual(text.length * Math.log2(94) + 1e-9)
      }),
      { numRuns },
    )
  })
})

// A reading that branches, or a regular expression that backtracks, would not come back from these before the timeout.
test.each([
  `${'a'.repeat(1000)}1!`,
  `${'correct'.repeat(140)}1!`,
  'p@ssw0rd'.repeat(128),
  '4@8({[<369!1|0$5+7%2'.repeat(51),
  '1'.repeat(1024),
  'aA'.repeat(512),
  'a-'.repeat(512),
  '0123456789'.repeat(102),
  'qwertyuiop'.repeat(102),
  '🐘'.repeat(1024),
])('hostile input %# is judged', (password) => {
  for (const estimator of names) expect(judge(password, { estimator }).verdict).toMatch(/accept|refuse/)
})

describe('misuse throws without the value', () => {
  const secret = 42 as unknown as string
  test('a password that is no string', () =>
    expect(() => judge(secret)).toThrow(TypeError('password must be a string')))
  test('an estimate of too long a text', () => {
    expect(() => estimate('x'.repeat(MAX_LENGTH + 1))).toThrow(RangeError)
  })
  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('a policy of %d bits', (minimumBits) => {
    expect(() => judge('x', { minimumBits })).toThrow(RangeError)
  })
  test('an unknown estimator', () => {
    expect(() => judge('x', { estimator: 'constructor' as 'charset' })).toThrow(RangeError)
  })
})

test('bits are cut, not rounded: 59.97 does not read as 60', () => {
  expect(floorBits(59.97)).toBe(59.9)
  expect(formatBits(60)).toBe('60')
})
