import type { Estimate, EstimateContext, EstimatorName } from './estimate.js'
import { estimators, isEstimatorName } from './estimate.js'
import { assertString, formatBits, isTooLong, MAX_LENGTH } from './text.js'

/** What a password must meet. */
export interface Policy {
  /** Bits of entropy that a password must be worth. */
  readonly minimumBits: number
  readonly estimator: EstimatorName
}

export const DEFAULT_POLICY: Policy = { minimumBits: 60, estimator: 'calibrated' }

/** Why a text cannot be a password at all. */
export type UnfitCode = 'control_character' | 'empty' | 'malformed_text' | 'too_long'

export type JudgementCode = UnfitCode | 'accepted' | 'too_weak'

/** A password against a policy. Holds no part of the password, so the whole can be logged. */
export interface Judgement {
  readonly verdict: 'accept' | 'refuse'
  readonly code: JudgementCode
  /** 0 if the text was refused before it was estimated. */
  readonly bits: number
  readonly requiredBits: number
  /** Null if the text was refused before it was estimated. */
  readonly estimate: Estimate | null
  /** What makes it too weak, as in "a common word followed by a year". Null if it is not too weak. */
  readonly weakest: string | null
  /** Full sentences: what was found. */
  readonly detail: string
  /** A full sentence: what to do. Null if accepted. */
  readonly hint: string | null
}

/** The way out of any refusal, as a HINT says it. */
export const remedy = 'Generate one with: sixtybits generate'

/**
 * Judges a password. A refusal is a result, not an exception.
 * @throws {TypeError} if `password` is not a string.
 * @throws {RangeError} if the policy asks for what is no number of bits or names no estimator.
 */
export function judge(password: string, policy: Partial<Policy> = {}, context: EstimateContext = {}): Judgement {
  assertString(password, 'password')
  const { minimumBits, estimator } = { ...DEFAULT_POLICY, ...policy }
  if (!(minimumBits >= 0 && minimumBits < Number.POSITIVE_INFINITY)) {
    throw new RangeError('policy.minimumBits must be a finite number of at least 0')
  }
  if (!isEstimatorName(estimator)) throw new RangeError('policy.estimator must be calibrated, charset or zxcvbn')

  const unfit = findUnfit(password)
  if (unfit) return refuseUnfit(unfit, minimumBits)

  const result = estimators[estimator](password, context)
  const { bits } = result
  const detail = `Estimated at ${formatBits(bits)} bits of entropy; ${minimumBits} are required.`
  const judged = { bits, requiredBits: minimumBits, estimate: result }
  if (bits >= minimumBits) return { ...judged, verdict: 'accept', code: 'accepted', weakest: null, detail, hint: null }
  const weakest = result.weakness ?? `only ${result.length} character${result.length === 1 ? '' : 's'}`
  const explained = `${detail} Weakest part: ${weakest}.`
  return { ...judged, verdict: 'refuse', code: 'too_weak', weakest, detail: explained, hint: remedy }
}

const UNFIT: Readonly<Record<UnfitCode, Pick<Judgement, 'detail' | 'hint'>>> = {
  empty: { detail: 'The password is empty.', hint: remedy },
  malformed_text: { detail: 'The password is not valid Unicode text.', hint: remedy },
  too_long: {
    detail: `The password is longer than ${MAX_LENGTH} characters.`,
    hint: `Use at most ${MAX_LENGTH} characters; 16 random ones are enough.`,
  },
  control_character: {
    detail: 'The password contains a control character.',
    hint: 'Look for a tab or a line break that was pasted along with it.',
  },
}

/** The refusal of what is no password, for callers that know so before there is a text: too many bytes, not UTF-8. */
export function refuseUnfit(code: UnfitCode, requiredBits: number): Judgement {
  return { verdict: 'refuse', code, bits: 0, requiredBits, estimate: null, weakest: null, ...UNFIT[code] }
}

function findUnfit(password: string): UnfitCode | null {
  if (password === '') return 'empty'
  if (/\p{Surrogate}/u.test(password)) return 'malformed_text' // matches lone ones only
  if (isTooLong(password)) return 'too_long'
  return /\p{Cc}/u.test(password) ? 'control_character' : null
}
