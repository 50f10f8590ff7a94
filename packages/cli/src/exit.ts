import type { Writable } from 'node:stream'
import { describeCrash } from '@sixtybits/protocol'

export const EXIT = {
  done: 0,
  refused: 1,
  usage: 2,
  unchecked: 3,
  interrupted: 130, // 128 + SIGINT, as a shell reports it
  brokenPipe: 141, // 128 + SIGPIPE: not 0, which would say that what was left unchecked is accepted
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** An end before the result. The message and the hint are ours and hold nothing that was typed; null says nothing. */
export class Exit extends Error {
  readonly exitCode: ExitCode
  readonly hint: string | null

  constructor(exitCode: ExitCode, message = '', hint: string | null = null) {
    super(message)
    this.exitCode = exitCode
    this.hint = hint
  }
}

/** A system error's code, such as `EISDIR`, or null. Unlike its message it holds no path and no text. */
export function errorCode(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}

/** Says on stderr why the program ends, and returns the exit code. */
export function report(error: unknown, stderr: Writable): ExitCode {
  if (!(error instanceof Exit)) {
    const { errorName, stack } = describeCrash(error)
    stderr.write(`sixtybits: internal error: ${[errorName, stack].filter(Boolean).join('\n')}\n`)
    return EXIT.unchecked
  }
  if (error.message) stderr.write(`sixtybits: ${error.message}\n`)
  if (error.hint) stderr.write(`hint: ${error.hint}\n`)
  return error.exitCode
}
