import { type VerdictCode, verdictCodes } from './codes.js'
import { exactly, type JsonSchema } from './schema.js'

export const PROTOCOL_VERSION = 1
export const VERDICTS_PATH = '/v1/verdicts'

/** Most that a request or an answer may be, in bytes. */
export const MAX_BODY_BYTES: number = 64 * 1024

export type Statement = 'alter' | 'create'

/** As PostgreSQL classifies it: a verifier that is malformed is a plaintext password. */
export type PasswordType = 'md5' | 'plaintext' | 'scram-sha-256'

/** Who runs the statement. */
export interface Actor {
  readonly sessionUser: string
  readonly currentUser: string
  readonly superuser: boolean
  /** Null on a Unix socket and in a background worker. */
  readonly clientAddress: string | null
  readonly applicationName: string
}

/** What the database asks before it takes a password. */
export interface VerdictRequest {
  readonly version: 1
  readonly cluster: string
  readonly database: string
  readonly statement: Statement
  readonly role: string
  readonly password: string
  readonly passwordType: PasswordType
  /** The verifier given equals the one stored. */
  readonly unchanged: boolean
  /** RFC 3339 in UTC, `infinity`, `-infinity`, or null if the role does not expire. */
  readonly validUntil: string | null
  readonly actor: Actor
  readonly attestation: string | null
}

/** The gate's answer. Holds no part of the password. */
export interface VerdictResponse {
  readonly verdict: 'accept' | 'refuse'
  /** UUIDv7 of the decision, also in the gate's log. */
  readonly id: string
  /** Null for a verifier, through which the gate cannot see. */
  readonly bits: number | null
  readonly requiredBits: number
  readonly code: VerdictCode
  readonly message: string
  readonly detail: string | null
  readonly hint: string | null
}

const string: JsonSchema = { type: 'string' }
const boolean: JsonSchema = { type: 'boolean' }
const nullableString: JsonSchema = { type: ['string', 'null'] }
// NAMEDATALEN is 64 bytes in every packaged build; a custom build may raise it.
const identifier: JsonSchema = { type: 'string', maxLength: 1024 }

/** JSON Schema of VerdictRequest: every field present, none besides. */
export const verdictRequestSchema: JsonSchema = exactly({
  version: { type: 'integer', const: PROTOCOL_VERSION },
  cluster: identifier,
  database: identifier,
  statement: { type: 'string', enum: ['alter', 'create'] satisfies Statement[] },
  role: { ...identifier, minLength: 1 },
  password: string,
  passwordType: { type: 'string', enum: ['md5', 'plaintext', 'scram-sha-256'] satisfies PasswordType[] },
  unchanged: boolean,
  validUntil: { ...nullableString, pattern: '^(-?infinity|\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?Z)$' },
  actor: exactly({
    sessionUser: identifier,
    currentUser: identifier,
    superuser: boolean,
    clientAddress: { ...nullableString, maxLength: 64 },
    applicationName: identifier,
  }),
  attestation: nullableString,
})

/** JSON Schema of VerdictResponse. */
export const verdictResponseSchema: JsonSchema = exactly({
  verdict: { type: 'string', enum: ['accept', 'refuse'] },
  id: string,
  bits: { type: ['number', 'null'] },
  requiredBits: { type: 'number' },
  code: { type: 'string', enum: verdictCodes },
  message: string,
  detail: nullableString,
  hint: nullableString,
})
