export type { Code, ErrorCode, VerdictCode } from './codes.js'
export { CODES, refusalMessage } from './codes.js'
export type { Crash } from './crash.js'
export { describeCrash } from './crash.js'
export type { JsonSchema } from './schema.js'
export type { Actor, PasswordType, Statement, VerdictRequest, VerdictResponse } from './verdict.js'
export {
  MAX_BODY_BYTES,
  PROTOCOL_VERSION,
  VERDICTS_PATH,
  verdictRequestSchema,
  verdictResponseSchema,
} from './verdict.js'
