import { EXIT, Exit, errorCode } from './exit.js'

/** Longer lines are refused unread. 64 KiB is 16,384 code points or more, of which 1,024 are judged. */
export const MAX_LINE_BYTES: number = 64 * 1024

/** A line as text without its end, or the code by which it is refused because there is no text. */
export type Line = { readonly text: string } | { readonly code: 'malformed_text' | 'too_long' }

const LF = 0x0a
const CR = 0x0d

// A byte order mark stays: it would be part of the password, too.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Lines of UTF-8, ended by `\n` or `\r\n`; the last may lack its end. Holds at most MAX_LINE_BYTES of a line: a longer
 * one comes out as `too_long` once that is known, and the rest of it is skipped.
 * @throws {Exit} as unchecked if the input cannot be read.
 */
export async function* readLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  const held = new Uint8Array(MAX_LINE_BYTES + 1) // one more for the CR of a line of full length
  let heldBytes = 0
  let skipping = false
  try {
    for await (const chunk of input) {
      for (let start = 0; start < chunk.length; ) {
        const newline = chunk.indexOf(LF, start)
        const part = chunk.subarray(start, newline < 0 ? chunk.length : newline)
        start += part.length + 1
        if (!skipping && heldBytes + part.length > held.length) {
          skipping = true
          yield { code: 'too_long' }
        }
        if (!skipping) {
          held.set(part, heldBytes)
          heldBytes += part.length
        }
        if (newline < 0) continue
        if (!skipping) yield decode(held.subarray(0, held[heldBytes - 1] === CR ? heldBytes - 1 : heldBytes))
        heldBytes = 0
        skipping = false
      }
    }
  } catch (error) {
    const code = errorCode(error)
    throw code ? new Exit(EXIT.unchecked, `cannot read standard input (${code})`) : error
  }
  if (!skipping && heldBytes > 0) yield decode(held.subarray(0, heldBytes))
}

function decode(bytes: Uint8Array): Line {
  if (bytes.length > MAX_LINE_BYTES) return { code: 'too_long' }
  try {
    return { text: utf8.decode(bytes) }
  } catch {
    return { code: 'malformed_text' }
  }
}
