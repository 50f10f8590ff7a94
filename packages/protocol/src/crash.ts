/** What may be told of an unexpected error: its class and where it was thrown. */
export interface Crash {
  readonly errorName: string
  /** Stack frames, a line each; empty if there are none. */
  readonly stack: string
}

/** Leaves the message out, whoever wrote it: it may quote a password. */
export function describeCrash(error: unknown): Crash {
  if (!(error instanceof Error)) return { errorName: typeof error, stack: '' }
  // The message stands in the stack too, and lines of it could look like frames.
  const frames = (error.stack ?? '').replace(error.message, '').split('\n')
  const stack = frames.filter((line) => /^ {4}at .+:\d+:\d+\)?$/.test(line)).join('\n')
  return { errorName: error.constructor.name, stack }
}
