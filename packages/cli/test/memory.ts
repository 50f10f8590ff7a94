import { Readable, Writable } from 'node:stream'
import type { Io } from '../src/io.js'
import { run } from '../src/program.js'
import type { Outcome } from './sixtybits.js'

export interface MemoryIo extends Io {
  readonly written: { readonly stdout: () => string; readonly stderr: () => string }
}

/** Standard streams in memory: reads these chunks, keeps what is written. */
export function memoryIo(stdin: Iterable<Uint8Array>): MemoryIo {
  const [stdout, stderr] = [collector(), collector()]
  return {
    stdin: Readable.from(stdin),
    stdout: stdout.stream,
    stderr: stderr.stream,
    written: { stdout: stdout.text, stderr: stderr.text },
  }
}

/** What sixtybits() does, without the half second that a process takes. */
export async function inMemory(args: readonly string[], stdin: string | Uint8Array = ''): Promise<Outcome> {
  const io = memoryIo([Buffer.from(stdin)])
  const exitCode = await run(args, io)
  return { stdout: io.written.stdout(), stderr: io.written.stderr(), exitCode }
}

function collector() {
  let text = ''
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk
      done()
    },
  })
  return { stream, text: () => text }
}
