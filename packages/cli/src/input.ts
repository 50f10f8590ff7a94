import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { read } from 'read'
import { EXIT, Exit } from './exit.js'
import type { Io } from './io.js'
import { type Line, readLines } from './lines.js'

/**
 * The one password: typed unseen at a terminal, else the only line of standard input.
 * @throws {Exit} if there is more than one line, if the prompt is interrupted, or if the input cannot be read.
 */
export async function readPassword({ stdin, stderr }: Io): Promise<Line> {
  if (stdin.isTTY) return promptPassword(stdin, stderr)
  let password: Line | undefined
  for await (const line of readLines(stdin)) {
    if (password) {
      throw new Exit(
        EXIT.usage,
        'standard input has more than one line',
        'To check one password per line: sixtybits check --lines',
      )
    }
    password = line
    if ('code' in line && line.code === 'too_long') break // at once, because the rest may be endless
  }
  return password ?? { text: '' }
}

/** Passwords, one per line. @throws {Exit} on a terminal, which would show them as they are typed. */
export function readPasswords({ stdin }: Io): AsyncIterable<Line> {
  if (!stdin.isTTY) return readLines(stdin)
  throw new Exit(
    EXIT.usage,
    '--lines reads a pipe or a file, not a terminal',
    'For example: sixtybits check --lines < passwords.txt',
  )
}

async function promptPassword(stdin: Io['stdin'], stderr: Io['stderr']): Promise<Line> {
  // On Ctrl-D readline closes and read() never settles; all that shows of it is that the input is paused. After a line
  // it is paused as well, but then read() has settled by the next turn of the event loop.
  const ended = once(stdin, 'pause').then(() => setImmediate(''))
  try {
    // `terminal`: also where stderr is a file, or else the terminal would echo.
    const typed = read({ input: stdin, output: stderr, prompt: 'Password:', silent: true, terminal: true })
    const text = await Promise.race([typed, ended])
    // Bytes that are no UTF-8 have become this character, which no keyboard types.
    return text.includes('\uFFFD') ? { code: 'malformed_text' } : { text }
  } catch (error) {
    if (error instanceof Error && error.message === 'canceled') throw new Exit(EXIT.interrupted) // Ctrl-C
    throw error
  } finally {
    stderr.write('\n') // the Enter that was not echoed
  }
}
