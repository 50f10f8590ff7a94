import type { Estimate, EstimateContext, EstimatorName } from './estimate.js'
import { estimate, isEstimatorName } from './estimate.js'
import { assertString, codePointLength, formatBits, MAX_LENGTH } from './text.js'

/** What a password must meet. */
export interface Policy {
  /** Bits of entropy that a password must be worth. */
  readonly minimumBits: number
  readonly estimator: EstimatorName
}

export const DEFAULT_POLICY: Policy = { minimumBits: 60, estimator: 'calibrated' }

export type JudgementCode = 'accepted' | 'control_character' | 'empty' | 'malformed_text' | 'too_long' | 'too_weak'

/** A password against a policy. Holds no part of the password, so the whole can be logged. */
export interface Judgement {
  readonly verdict: 'accept' | 'refuse'
  readonly code: JudgementCode
  /** 0 if the text was refused before it was estimated. */
  readonly bits: number
  readonly requiredBits: number
  /** Null if the text was refused before it was estimated. */
  readonly estimate: Estimate | null
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
  if (unfit) return { verdict: 'refuse', bits: 0, requiredBits: minimumBits, estimate: null, ...unfit }

  const result = estimate(password, context, estimator)
  const found = `Estimated at ${formatBits(result.bits)} bits of entropy; ${formatBits(minimumBits)} are required.`
  const judged = { bits: result.bits, requiredBits: minimumBits, estimate: result }
  if (result.bits >= minimumBits) return { verdict: 'accept', code: 'accepted', ...judged, detail: found, hint: null }
  const weakest = result.weakness ?? `only ${result.length} characters`
  return { verdict: 'refuse', code: 'too_weak', ...judged, detail: `${found} Weakest part: ${weakest}.`, hint: remedy }
}

/** Why a text cannot be a password at all, if so. */
function findUnfit(password: string): Pick<Judgement, 'code' | 'detail' | 'hint'> | null {
  if (password === '') return { code: 'empty', detail: 'The password is empty.', hint: remedy }
  if (/\p{Surrogate}/u.test(password)) {
    return { code: 'malformed_text', detail: 'The password is not valid Unicode text.', hint: remedy }
  }
  if (codePointLength(password) > MAX_LENGTH) {
    const detail = `The password is longer than ${MAX_LENGTH} characters.`
    return { code: 'too_long', detail, hint: `Use at most ${MAX_LENGTH} characters; 16 random ones are enough.` }
  }
  if (/\p{Cc}/u.test(password)) {
    const hint = 'Check for a tab or a line break pasted along with it, or generate one with: sixtybits generate'
    return { code: 'control_character', detail: 'The password contains a control character.', hint }
  }
  return null
}
