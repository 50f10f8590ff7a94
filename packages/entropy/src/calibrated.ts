import { adjacencyGraphs, dictionary as common } from '@zxcvbn-ts/language-common'
import { dictionary as english } from '@zxcvbn-ts/language-en'
import type { Estimate, EstimateContext, Pattern, Segment } from './estimate.js'
import { codePointLength, foldText } from './text.js'
import { describeWeakness } from './weakness.js'

// INTERIM. The trained model replaces this file. What it does until then:
//
//   chance    the bits of a uniform draw: length × log2 of the smallest generator alphabet that holds the text, less for a
//             long run of one class, as behind a prefix; or, if the text is made of diceware words, their number × log2
//             7776, whichever is less.
//   patterns  the cheapest reading of the text as words (capitals, l33t, reversed), names, years, keyboard walks,
//             sequences, repeats, and single characters at the price that chance asks, or less inside a run of one class.
//   verdict   if patterns save no more than a margin on chance, the text is taken for a random draw and is worth
//             chance; else it is worth what the patterns cost.
//
// `Password1!`: chance 10 × log2 94 = 65.5; patterns: the word `Password` (2 for its list, 1 for rank 2 in it, 1 for the
// capital) and two single characters at 6.55 make 17.1. That saves 48 bits, so it is worth 17.1.
//
// Known holes: prices are no probabilities, English only, no sentences, no grammar of dates, no vendor prefixes.

// Random text contains short words and runs by chance. With 10 bits, 5 % of the draws that are just long enough for 60
// bits are refused, and 5 % of the patterned shapes used in development accepted; less margin moves one to the other.
const MARGIN_BITS = 10
const MARGIN_SHARE = 1 / 8 // and the longer the text, the more of them
const SHORT_MATCH_BITS = 2 // asked of 3 and 4 characters: as often as not they are chance
const SHORT_MATCH_LENGTH = 4
const LIST_BITS = 2 // which of the six long word lists, log2 6 less what overlaps
const SHORT_LIST_BITS = 5 // which of the short ones: months, planets, colours, ...
const SHORT_LIST_LENGTH = 100
const MIN_WORD_LENGTH = 3
const MAX_WORD_LENGTH = 24
const MAX_CONTEXT_WORD_LENGTH = 64 // an identifier of PostgreSQL has up to 63 bytes
const STEM_LENGTH = 4
const MIN_WALK_LENGTH = 4
const MIN_CLASS_RUN_LENGTH = 5
const MIN_CLASS_SPAN_LENGTH = 12 // so long a run of small letters is in a base62 draw once in 30,000
const YEAR_BITS = Math.log2(200) // 1900 to 2099
const CONTEXT_BITS = 2
const KEY_BITS = Math.log2(47) // keys of a US keyboard that type a character
const TURN_BITS = Math.log2(6) // neighbours of a key
const BITS_PER_DICEWARE_WORD = Math.log2(6 ** 5) // five dice

const L33T: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'i',
  '+': 't',
  '|': 'l',
}

/** Alphabets of the common generators, the smallest first. */
const ALPHABETS: readonly { readonly pattern: RegExp; readonly size: number }[] = [
  { pattern: /^[0-9]*$/, size: 10 },
  { pattern: /^(?:[0-9a-f]*|[0-9A-F]*)$/, size: 16 },
  { pattern: /^(?:[a-z]*|[A-Z]*)$/, size: 26 },
  { pattern: /^(?:[0-9a-z]*|[0-9A-Z]*)$/, size: 36 },
  { pattern: /^[a-zA-Z]*$/, size: 52 },
  { pattern: /^[0-9a-zA-Z]*$/, size: 62 },
  { pattern: /^[0-9a-zA-Z_-]*$/, size: 64 },
  { pattern: /^[!-~]*$/, size: 94 },
]

/** Added to printable ASCII for each script met: the characters of it that people and generators use. */
const SCRIPTS: readonly { readonly pattern: RegExp; readonly size: number }[] = [
  { pattern: /\p{Script=Han}/u, size: 3500 }, // level 1 of the Table of General Standard Chinese Characters
  { pattern: /\p{Script=Hangul}/u, size: 2350 }, // KS X 1001
  { pattern: /\p{Extended_Pictographic}/u, size: 1024 },
  { pattern: /[^\p{Script=Han}\p{Script=Hangul}\p{Extended_Pictographic}\p{ASCII}]/u, size: 64 },
  { pattern: / /, size: 1 },
]

const CLASSES: readonly { readonly pattern: RegExp; readonly size: number }[] = [
  { pattern: /[0-9]/, size: 10 },
  { pattern: /[0-9a-f]/, size: 16 },
  { pattern: /[a-z]/, size: 26 },
  { pattern: /[A-Z]/, size: 26 },
]

interface Model {
  /** Bits of a word by its rank in the best list that has it. */
  readonly words: ReadonlyMap<string, number>
  readonly names: ReadonlyMap<string, number>
  readonly diceware: ReadonlySet<string>
  /** How words and names begin, also when read backwards. Where none begins the search ends: most text of chance. */
  readonly stems: ReadonlySet<string>
  /** Neighbours of a character on a US keyboard, by direction. */
  readonly keyboard: Readonly<Record<string, readonly (string | null)[]>>
}

let model: Model | undefined // built on first use: it takes 0.3 s

function loadModel(): Model {
  const words = new Map<string, number>()
  const names = new Map<string, number>()
  for (const [list, entries] of Object.entries({ ...common, ...english })) {
    const target = list.includes('names') ? names : words
    const unordered = list === 'diceware-common'
    const listBits = entries.length < SHORT_LIST_LENGTH ? SHORT_LIST_BITS : LIST_BITS
    entries.forEach((entry, index) => {
      const word = String(entry)
      const bits = listBits + (unordered ? BITS_PER_DICEWARE_WORD : Math.log2(index + 1))
      if (bits < (target.get(word) ?? Number.POSITIVE_INFINITY)) target.set(word, bits)
    })
  }
  const stems = new Set<string>()
  for (const list of [words, names]) for (const word of list.keys()) addStems(word, stems)
  const diceware = new Set(common['diceware-common'])
  return { words, names, diceware, stems, keyboard: adjacencyGraphs.qwerty }
}

function addStems(word: string, stems: Set<string>): void {
  const characters = /[\uD800-\uDFFF]/.test(word) ? [...word] : word // code points, as the text is read
  let forward = ''
  let backward = ''
  for (let i = 0; i < STEM_LENGTH && i < characters.length; i++) {
    forward += characters[i]
    backward += characters[characters.length - 1 - i]
  }
  stems.add(forward).add(backward)
}

/** A reading of the code points from where it starts up to `end`. */
interface Match {
  readonly end: number
  readonly pattern: Pattern
  readonly bits: number
}

/** The default engine. Judges the text folded as PostgreSQL does before it hashes, so offsets are into that form. */
export function calibrated(password: string, context: EstimateContext): Estimate {
  model ??= loadModel()
  const folded = foldText(password)
  const text = [...folded]
  const perCharacter = Math.log2(alphabetSize(folded))
  const uniform = sum(classBits(text, perCharacter, MIN_CLASS_SPAN_LENGTH))
  const chance = Math.min(uniform, dicewareBits(folded, model))
  const segments = cheapestReading(singleBits(text, perCharacter), findMatches(text, context, model))
  const patterns = sum(segments.map((segment) => segment.bits))
  const random = patterns >= chance - Math.max(MARGIN_BITS, chance * MARGIN_SHARE)
  return {
    estimator: 'calibrated',
    bits: random ? chance : patterns,
    length: codePointLength(password),
    segments: random && chance > 0 ? [{ start: 0, end: text.length, pattern: 'random', bits: chance }] : segments,
    weakness: random ? null : describeWeakness(segments),
  }
}

function alphabetSize(text: string): number {
  const generator = ALPHABETS.find(({ pattern }) => pattern.test(text))
  if (generator) return generator.size
  return SCRIPTS.reduce((size, script) => (script.pattern.test(text) ? size + script.size : size), 94)
}

/** Bits of a diceware phrase: words of the list, joined by one sign or by capitals. Infinite if it is none. */
function dicewareBits(text: string, { diceware }: Model): number {
  if (!/^[A-Za-z]+(?:[^A-Za-z0-9][A-Za-z]+)*$/.test(text)) return Number.POSITIVE_INFINITY
  const tokens = text.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').match(/[A-Za-z]+/g) ?? []
  const known = tokens.length > 1 && tokens.every((token) => diceware.has(token.toLowerCase()))
  return known ? tokens.length * BITS_PER_DICEWARE_WORD : Number.POSITIVE_INFINITY
}

/** Shortest path: the readings that cover the text at the least cost, single characters where nothing is cheaper. */
function cheapestReading(singles: readonly number[], matches: readonly Match[][]): Segment[] {
  const best: { bits: number; from: number; pattern: Pattern }[] = [{ bits: 0, from: 0, pattern: 'random' }]
  const relax = (from: number, { end, pattern, bits }: Match) => {
    const short = pattern !== 'random' && end - from <= SHORT_MATCH_LENGTH
    const total = (best[from]?.bits ?? 0) + bits + (short ? SHORT_MATCH_BITS : 0)
    if (total < (best[end]?.bits ?? Number.POSITIVE_INFINITY)) best[end] = { bits: total, from, pattern }
  }
  singles.forEach((bits, i) => {
    relax(i, { end: i + 1, pattern: 'random', bits })
    for (const match of matches[i] ?? []) relax(i, match)
  })
  const segments: Segment[] = []
  for (let end = singles.length; end > 0; ) {
    const step = best[end]
    if (!step) break // never: every single character is a step
    const bits = step.bits - (best[step.from]?.bits ?? 0)
    const next = segments[0]
    if (next?.pattern === 'random' && step.pattern === 'random') {
      segments[0] = { start: step.from, end: next.end, pattern: 'random', bits: next.bits + bits }
    } else {
      segments.unshift({ start: step.from, end, pattern: step.pattern, bits })
    }
    end = step.from
  }
  return segments
}

function sum(bits: readonly number[]): number {
  return bits.reduce((total, part) => total + part, 0)
}

/** What each character costs: less than `perCharacter` in a run of one class that is at least `minLength` long. */
function classBits(text: readonly string[], perCharacter: number, minLength: number): number[] {
  const bits = text.map(() => perCharacter)
  for (const { pattern, size } of CLASSES) {
    for (let start = 0, end = 0; start < text.length; start = end + 1, end = start) {
      while (end < text.length && pattern.test(text[end] ?? '')) end++
      if (end - start < minLength) continue
      for (let i = start; i < end; i++) bits[i] = Math.min(bits[i] ?? 0, Math.log2(size))
    }
  }
  return bits
}

/** What each character costs where no pattern covers it: a bit for the separator that was used before. */
function singleBits(text: readonly string[], perCharacter: number): number[] {
  const bits = classBits(text, perCharacter, MIN_CLASS_RUN_LENGTH)
  let separator = ''
  text.forEach((character, i) => {
    if (/[\p{L}\p{N}]/u.test(character)) return
    if (character === separator) bits[i] = Math.min(1, perCharacter)
    separator = character
  })
  return bits
}

function findMatches(text: readonly string[], context: EstimateContext, model: Model): Match[][] {
  const contextWords = new Set(
    (context.words ?? [])
      .flatMap((word) => [word, ...word.split(/[^\p{L}\p{N}]+/u)])
      .map((word) => foldText(word).toLowerCase())
      .filter((word) => codePointLength(word) >= MIN_WORD_LENGTH),
  )
  const matches: Match[][] = text.map(() => [])
  addWords(text, contextWords, model, matches)
  addSequences(text, matches)
  addRepeats(text, matches)
  addKeyboardWalks(text, model, matches)
  text.forEach((_, start) => {
    if (!/^(?:19|20)\d\d$/.test(text.slice(start, start + 4).join(''))) return
    matches[start]?.push({ end: start + 4, pattern: 'date', bits: YEAR_BITS })
  })
  return matches
}

function addWords(text: readonly string[], contextWords: ReadonlySet<string>, model: Model, matches: Match[][]): void {
  const contextStems = new Set<string>()
  for (const word of contextWords) addStems(word, contextStems)
  const lower = text.map((character) => character.toLowerCase())
  const readings = [lower, lower.map((c) => L33T[c] ?? c), lower.map((c) => (c === '1' ? 'l' : (L33T[c] ?? c)))]
  for (const [index, reading] of readings.entries()) {
    if (index > 0 && reading.every((character, i) => character === readings[index - 1]?.[i])) continue
    for (let start = 0; start < text.length; start++) {
      let forward = ''
      let backward = ''
      let maxLength = MAX_WORD_LENGTH
      for (let end = start + 1; end <= text.length && end - start <= maxLength; end++) {
        const character = reading[end - 1] ?? ''
        forward += character
        backward = character + backward
        if (end - start < MIN_WORD_LENGTH) continue
        if (end - start === STEM_LENGTH) {
          if (contextStems.has(forward)) maxLength = MAX_CONTEXT_WORD_LENGTH
          else if (!model.stems.has(forward)) break
        }
        const style = () => styleBits(text.slice(start, end), lower.slice(start, end), reading.slice(start, end))
        const add = (pattern: Pattern, bits: number) => matches[start]?.push({ end, pattern, bits: bits + style() })
        for (const [word, reversedBits] of [[forward, 0] as const, [backward, 1] as const]) {
          const wordBits = model.words.get(word)
          const nameBits = model.names.get(word)
          if (contextWords.has(word)) add('context', CONTEXT_BITS + reversedBits)
          if (wordBits !== undefined) add('dictionary', wordBits + reversedBits)
          if (nameBits !== undefined) add('name', nameBits + reversedBits)
        }
      }
    }
  }
}

/** Bits of capitals and l33t: none, the first or all capital is one choice of few; else a bit for each letter. */
function styleBits(typed: readonly string[], lower: readonly string[], read: readonly string[]): number {
  const capitals = typed.filter((character, i) => character !== lower[i]).length
  const letters = typed.filter((character) => /\p{L}/u.test(character)).length
  const firstOnly = capitals === 1 && typed[0] !== lower[0]
  const capitalBits = capitals === 0 ? 0 : firstOnly || capitals === letters ? 1 : letters
  return capitalBits + lower.filter((character, i) => character !== read[i]).length
}

/** `abc`, `321`, `aaa`: characters that step by the same -1, 0 or 1. */
function addSequences(text: readonly string[], matches: Match[][]): void {
  const code = (i: number) => text[i]?.codePointAt(0) ?? Number.NaN
  for (let start = 0, end = 1; start + 1 < text.length; start = end - 1) {
    const step = code(start + 1) - code(start)
    end = start + 2
    while (code(end) - code(end - 1) === step) end++
    if (Math.abs(step) > 1 || end - start < MIN_WORD_LENGTH) continue
    matches[start]?.push({
      end,
      pattern: step === 0 ? 'repeat' : 'sequence',
      bits: KEY_BITS + Math.log2(end - start),
    })
  }
}

/** The longest copy of earlier text from each place on, capitals aside: where it comes from and how long it is. */
function addRepeats(text: readonly string[], matches: Match[][]): void {
  const lower = text.map((character) => character.toLowerCase())
  // agreed[from] is how far the text from `from` agrees with the text from `start`: 0 where the first characters differ,
  // else one more than `from + 1` and `start + 1` agreed, which still stands in agreed[from + 1] from the round before.
  const agreed = new Uint16Array(text.length + 1)
  for (let start = text.length - 1; start > 0; start--) {
    let longest = 0
    for (let from = 0; from < start; from++) {
      agreed[from] = lower[from] === lower[start] ? (agreed[from + 1] ?? 0) + 1 : 0
      longest = Math.max(longest, agreed[from] ?? 0)
    }
    agreed[start] = 0
    if (longest < MIN_WORD_LENGTH) continue
    const bits = 1 + Math.log2(start) + Math.log2(longest)
    matches[start]?.push({ end: start + longest, pattern: 'repeat', bits })
  }
}

/** Neighbouring keys, shifted or not: a bit where the direction stays, the choice of a neighbour where it turns. */
function addKeyboardWalks(text: readonly string[], { keyboard }: Model, matches: Match[][]): void {
  const directionTo = (i: number) =>
    keyboard[text[i - 1] ?? '']?.findIndex((keys) => keys?.includes(text[i] ?? '') ?? false) ?? -1
  for (let start = 0, end = 1; start < text.length; start = end, end = start + 1) {
    let bits = KEY_BITS
    let direction = -1
    for (; end < text.length; end++) {
      const next = directionTo(end)
      if (next < 0) break
      bits += next === direction ? 1 : TURN_BITS
      direction = next
    }
    if (end - start >= MIN_WALK_LENGTH) matches[start]?.push({ end, pattern: 'keyboard', bits })
  }
}
