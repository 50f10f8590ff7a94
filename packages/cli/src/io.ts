import { createReadStream, fstatSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { EXIT, Exit, errorCode } from './exit.js'

/** The three standard streams. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
  readonly stderr: Writable & { readonly isTTY?: boolean }
}

/** The streams of this process. */
export const standardStreams: Io = {
  get stdin() {
    // Node takes a directory and a block device for an empty input, and of nothing every line is accepted.
    const stats = fstatSync(0)
    return stats.isDirectory() || stats.isBlockDevice() ? createReadStream('', { fd: 0 }) : process.stdin
  },
  stdout: process.stdout,
  stderr: process.stderr,
}

/**
 * Writes a result and waits until the stream has taken it, so that memory stays bounded however slow the reader is.
 * @throws {Exit} quietly if nobody reads any more, else as unchecked: a result that nobody could see is none.
 */
export async function writeResult({ stdout }: Io, text: string): Promise<void> {
  const error = await new Promise<unknown>((resolve) => stdout.write(text, resolve))
  if (!error) return
  // `sixtybits generate --count 100000 | head -1`: head has what it wanted.
  const code = errorCode(error)
  if (code === 'EPIPE') throw new Exit(EXIT.brokenPipe)
  throw code ? new Exit(EXIT.unchecked, `cannot write to standard output (${code})`) : error
}
