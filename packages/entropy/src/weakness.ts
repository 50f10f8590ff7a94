import type { Pattern, Segment } from './estimate.js'

const DESCRIPTIONS: Readonly<Record<Pattern, string | null>> = {
  context: 'the name of the role, the database or the cluster',
  date: 'a year',
  dictionary: 'a common word',
  keyboard: 'a keyboard walk',
  name: 'a common name',
  phrase: 'a well-known series of words',
  random: null,
  repeat: 'a repetition',
  sequence: 'a sequence',
}

// Three patterns say what is wrong; a DETAIL line that lists ten is not read.
const MAX_PATTERNS = 3

/** The patterns found, in order, as in "a common word followed by a year". Null if there are none. */
export function describeWeakness(segments: readonly Segment[]): string | null {
  const found = segments.flatMap((segment) => DESCRIPTIONS[segment.pattern] ?? [])
  const distinct = found.filter((description, i) => description !== found[i - 1])
  return distinct.length === 0 ? null : distinct.slice(0, MAX_PATTERNS).join(' followed by ')
}
