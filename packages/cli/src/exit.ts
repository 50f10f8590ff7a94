import type { Writable } from 'node:stream'

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
    stderr.write(`sixtybits: internal error: ${describeCrash(error)}\n`)
    return EXIT.unchecked
  }
  if (error.message) stderr.write(`sixtybits: ${error.message}\n`)
  if (error.hint) stderr.write(`hint: ${error.hint}\n`)
  return error.exitCode
}

/** The class of an error and its stack frames. Not its message, whoever wrote it: it may quote a password. */
export function describeCrash(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  // The message stands in the stack too, and lines of it could look like frames.
  const frames = (error.stack ?? '').replace(error.message, '').split('\n')
  return [error.constructor.name, ...frames.filter((line) => /^ {4}at .+:\d+:\d+\)?$/.test(line))].join('\n')
}
