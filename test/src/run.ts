import { type SpawnSyncOptions, spawnSync } from 'node:child_process'

/** Something that this machine lacks. The message ends in the line to run. */
export class MissingError extends Error {
  override readonly name = 'MissingError'
  constructor(message: string, remedy: string) {
    super(`${message}; run:\n  ${remedy}`)
  }
}

/** Runs a command to its end. Returns stdout, or null if it could not be run or failed. */
export function tryRun(command: string, args: readonly string[], options: SpawnSyncOptions = {}): string | null {
  const result = spawnSync(command, args, { ...options, encoding: 'utf8' })
  return result.status === 0 ? String(result.stdout).trim() : null
}

/** Runs a command to its end and returns stdout. @throws {Error} with the end of its output if it fails. */
export function run(command: string, args: readonly string[], options: SpawnSyncOptions = {}): string {
  const result = spawnSync(command, args, { ...options, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (result.status === 0) return String(result.stdout).trim()
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(-20).join('\n')
  throw new Error(`${command} ${args.join(' ')} failed: ${result.error?.message ?? output}`)
}
