import { DEFAULT_POLICY, type Policy } from '@sixtybits/entropy'
import { CODES, describeCrash, type ErrorCode, MAX_BODY_BYTES } from '@sixtybits/protocol'
import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify'
import { v7 as uuidv7 } from 'uuid'
import { type Logger, silentLogger } from './log.js'
import { operations } from './operations/plugin.js'
import { verdicts } from './verdicts/plugin.js'

export interface GateOptions {
  /** @defaultValue 60 bits by the calibrated estimator */
  readonly policy?: Partial<Policy>
  /** @defaultValue none: the gate is silent */
  readonly logger?: Logger
  /** Names a decision. @defaultValue UUIDv7 */
  readonly newId?: () => string
  readonly version?: string
}

export type Gate = FastifyInstance

// The hook's own deadline is a second by default; what takes this long has been given up by its client.
const REQUEST_TIMEOUT_MS = 10_000
const TIMEOUT_CHECK_INTERVAL_MS = 1000 // Node looks for timeouts every 30 s by default
const MAX_HEADER_BYTES = 8 * 1024
const MAX_CONNECTIONS = 1024 // PostgreSQL's max_connections is rarely more

/** The gate as an HTTP service. It does not listen: listenOnSocket does, or a test injects requests. */
export function createGate(options: GateOptions = {}): Gate {
  const { logger = silentLogger, newId = () => uuidv7(), version = '0' } = options
  const policy = { ...DEFAULT_POLICY, ...options.policy }
  const gate = fastify({
    logger: false, // fastify logs URLs, headers and error messages; a decision is logged by its plugin
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_INTERVAL_MS,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false, // a request that has arrived is answered, also while stopping
    exposeHeadRoutes: false,
    // What does not match the schema is refused: by default it would be converted, dropped or filled in.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    // Of a URL or a request that cannot be parsed: by default the answer quotes the URL.
    frameworkErrors: (_error, _request, reply) => sendError(reply, 'bad_request', null),
    clientErrorHandler(_error, socket) {
      const body = JSON.stringify(errorBody('bad_request', null))
      const head = `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`
      if (socket.writable) socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`)
      else socket.destroy()
    },
  })
  gate.server.maxConnections = MAX_CONNECTIONS
  gate.removeContentTypeParser('text/plain')
  gate.setErrorHandler<FastifyError>((error, _request, reply) => {
    const code = errorCode(error)
    if (code === 'internal') logger.log('error', { code, ...describeCrash(error) })
    return sendError(reply, code, validationDetail(error))
  })
  gate.setNotFoundHandler((_request, reply) => sendError(reply, 'not_found', null))
  gate.register(verdicts, { policy, logger, newId })
  gate.register(operations, { version })
  return gate
}

function errorCode(error: FastifyError): ErrorCode {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'body_too_large'
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'unsupported_media_type'
  return error.validation || (error.statusCode ?? 500) < 500 ? 'bad_request' : 'internal'
}

/** Which field is wrong and how. Of an error's message nothing is used: a parser's quotes the body. */
function validationDetail(error: FastifyError): string | null {
  const [first] = error.validation ?? []
  return first ? `${first.instancePath || '/'} ${first.message ?? 'is invalid'}` : null
}

function sendError(reply: Pick<FastifyReply, 'status'>, code: ErrorCode, detail: string | null): FastifyReply {
  return reply.status(CODES[code].status).send(errorBody(code, detail))
}

function errorBody(code: ErrorCode, detail: string | null): object {
  return { code, message: CODES[code].text, detail }
}
