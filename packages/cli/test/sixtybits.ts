import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** The program as it is installed. `tsc --build` makes it. */
export const MAIN: string = fileURLToPath(new URL('../dist/main.js', import.meta.url))

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** Starts `file` with pipes for its streams. Writing to one that ended early is no failure of the test. */
export function start(file: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(file, args)
  child.stdin.on('error', () => {})
  return child
}

export async function outcome(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { stdout, stderr, exitCode: await exitCode }
}

/** Runs `sixtybits` with these arguments and this standard input. */
export function sixtybits(args: readonly string[], stdin: string | Uint8Array = ''): Promise<Outcome> {
  const child = start(process.execPath, [MAIN, ...args])
  child.stdin.end(stdin)
  return outcome(child)
}

/** Runs a shell command in which `sixtybits` is a command and $MAIN its file. */
export function shell(command: string): Promise<Outcome> {
  const script = `MAIN='${MAIN}'; sixtybits() { '${process.execPath}' "$MAIN" "$@"; }; ${command}`
  const child = start('sh', ['-c', script])
  child.stdin.end()
  return outcome(child)
}
