import { calibrated } from './calibrated.js'
import { charset } from './charset.js'
import { assertString, isTooLong, MAX_LENGTH } from './text.js'
import { zxcvbn } from './zxcvbn.js'

/** What explains a stretch of a password. `random`: nothing cheaper than chance was found. */
export type Pattern =
  | 'context'
  | 'date'
  | 'dictionary'
  | 'keyboard'
  | 'name'
  | 'phrase'
  | 'random'
  | 'repeat'
  | 'sequence'

/** A stretch of a password: code points `start` to `end` (exclusive), and the bits it adds. */
export interface Segment {
  readonly start: number
  readonly end: number
  readonly pattern: Pattern
  readonly bits: number
}

/** What a password is worth. Holds no part of it, so the whole can be logged. */
export interface Estimate {
  readonly estimator: EstimatorName
  /** log2 of the guesses that a well-informed attacker needs. */
  readonly bits: number
  /** Code points of the text as it was judged. */
  readonly length: number
  /** In order, without gaps; their bits add up to `bits`. Empty where the engine judges the whole only. */
  readonly segments: readonly Segment[]
  /** What makes it guessable, as in "a common word followed by a year", or null if nothing but its length. */
  readonly weakness: string | null
}

export interface EstimateContext {
  /** What an attacker knows of this account: names of the role, the database, the cluster, the vendor. */
  readonly words?: readonly string[]
}

/** An engine: pure, bounded in time, and silent about the text in all that it returns or throws. */
export type Estimator = (password: string, context: EstimateContext) => Estimate

export type EstimatorName = 'calibrated' | 'charset' | 'zxcvbn'

export const estimators: Readonly<Record<EstimatorName, Estimator>> = { calibrated, charset, zxcvbn }

export function isEstimatorName(name: string): name is EstimatorName {
  return Object.hasOwn(estimators, name)
}

/**
 * Bits of entropy of a password, and why.
 * @throws {TypeError} if `password` is not a string.
 * @throws {RangeError} if it is longer than MAX_LENGTH code points, as given or as folded.
 */
export function estimate(
  password: string,
  context: EstimateContext = {},
  estimator: EstimatorName = 'calibrated',
): Estimate {
  assertString(password, 'password')
  if (isTooLong(password)) throw new RangeError(`password must be at most ${MAX_LENGTH} code points long`)
  return estimators[estimator](password, context)
}
