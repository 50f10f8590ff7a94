import type { JudgementCode } from '@sixtybits/entropy'

/** Codes of a verdict. */
export type VerdictCode = JudgementCode | 'attestation_missing' | 'unchanged'

/** Codes of an answer that is no verdict. */
export type ErrorCode = 'bad_request' | 'body_too_large' | 'internal' | 'not_found' | 'unsupported_media_type'

export type Code = ErrorCode | VerdictCode

interface CodeEntry {
  /** What comes of it: a verdict, or no verdict at all (`error`), in which case the statement fails as unchecked. */
  readonly outcome: 'accept' | 'refuse' | 'error'
  /** HTTP status of the answer that carries it. */
  readonly status: number
  /** For a verdict, what is said of `password for role "alice"`; for an error, the whole message. */
  readonly text: string
}

/** Every code that a verdict, an error answer or a CLI result can carry. docs/codes.md lists exactly these. */
export const CODES: Readonly<Record<Code, CodeEntry>> = {
  accepted: { outcome: 'accept', status: 200, text: 'is accepted' },
  unchanged: { outcome: 'accept', status: 200, text: 'is unchanged' },
  too_weak: { outcome: 'refuse', status: 200, text: 'is too weak' },
  too_long: { outcome: 'refuse', status: 200, text: 'is too long' },
  empty: { outcome: 'refuse', status: 200, text: 'is empty' },
  control_character: { outcome: 'refuse', status: 200, text: 'contains a control character' },
  malformed_text: { outcome: 'refuse', status: 200, text: 'is not valid Unicode text' },
  attestation_missing: { outcome: 'refuse', status: 200, text: 'is pre-hashed, so its strength cannot be seen' },
  bad_request: { outcome: 'error', status: 400, text: 'the request does not follow the protocol' },
  not_found: { outcome: 'error', status: 404, text: 'there is nothing at this path' },
  body_too_large: { outcome: 'error', status: 413, text: 'the request body is larger than 64 KiB' },
  unsupported_media_type: { outcome: 'error', status: 415, text: 'the request body must be application/json' },
  internal: { outcome: 'error', status: 500, text: 'the gate failed to judge' },
}

export const verdictCodes: readonly VerdictCode[] = (Object.keys(CODES) as Code[]).filter(isVerdictCode)

function isVerdictCode(code: Code): code is VerdictCode {
  return CODES[code].outcome !== 'error'
}

/** The primary message of a verdict, as PostgreSQL shows it: `password for role "alice" is too weak`. */
export function refusalMessage(code: VerdictCode, role: string): string {
  return `password for role "${role}" ${CODES[code].text}`
}
