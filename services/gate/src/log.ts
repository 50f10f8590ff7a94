import type { Writable } from 'node:stream'
import type { Code } from '@sixtybits/protocol'
import { pino } from 'pino'

export type LogEvent = 'decision' | 'error' | 'listening' | 'stopped' | 'stopping'

/** All that a log line can hold. There is no field for a text that a client chose, save the names of its objects. */
export interface LogFields {
  readonly id?: string
  readonly cluster?: string
  readonly database?: string
  readonly role?: string
  readonly statement?: string
  readonly verdict?: string
  readonly code?: Code
  /** Cut to a whole bit: more would help whoever reads the log to find the password. */
  readonly bits?: number
  readonly durationMs?: number
  readonly socket?: string
  readonly signal?: string
  readonly version?: string
  /** Class of an unexpected error. Its message may quote what it failed on, so it is never logged. */
  readonly errorName?: string
  readonly stack?: string
}

export interface Logger {
  readonly log: (event: LogEvent, fields: LogFields) => void
}

const FIELDS: Readonly<Record<keyof LogFields, true>> = {
  id: true,
  cluster: true,
  database: true,
  role: true,
  statement: true,
  verdict: true,
  code: true,
  bits: true,
  durationMs: true,
  socket: true,
  signal: true,
  version: true,
  errorName: true,
  stack: true,
}

export const silentLogger: Logger = { log: () => undefined }

/**
 * JSON lines to a stream. Copies the fields of LogFields and nothing else, so that an object with a password in it,
 * passed by mistake, is logged without.
 */
export function createLogger(destination: { write(line: string): void }): Logger {
  const logger = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
  return {
    log(event, fields) {
      const known = Object.entries(fields).filter(([name]) => Object.hasOwn(FIELDS, name))
      logger[event === 'error' ? 'error' : 'info'](Object.fromEntries(known), event)
    },
  }
}

const MAX_BACKLOG_BYTES = 1024 * 1024

/**
 * Writes lines to a stream as long as there is a reader who keeps up: what would pile up beyond 1 MiB, and all that
 * follows once nobody reads any more, is dropped. A log that fails must not keep anyone from getting a verdict.
 */
export function lossyDestination(stream: Writable, onBroken: () => void): { write(line: string): void } {
  let broken = false
  stream.on('error', () => {
    if (!broken) onBroken()
    broken = true
  })
  return {
    write(line) {
      if (!broken && stream.writableLength < MAX_BACKLOG_BYTES) stream.write(line)
    },
  }
}
