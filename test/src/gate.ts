import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { request } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { stopProcess, untilReady } from './process.js'

/** A running sixtybits-gate. */
export interface GateProcess {
  readonly pid: number
  readonly child: ChildProcess
  readonly logPath: string
  log(): string
  stop(signal?: NodeJS.Signals): Promise<void>
}

const packageJson = createRequire(import.meta.url).resolve('@sixtybits/gate/package.json')
const gateMain = join(dirname(packageJson), 'dist', 'main.js')

/** Starts sixtybits-gate as its users do and returns when it answers. @throws {Error} with its output if it does not. */
export async function startGate(socketPath: string, logPath: string, detached = false): Promise<GateProcess> {
  const log = openSync(logPath, 'a', 0o600)
  const child = spawn(process.execPath, [gateMain, '--socket', socketPath], { detached, stdio: ['ignore', log, log] })
  await untilReady(child, 'sixtybits-gate', logPath, () => answers(socketPath))
  if (detached) child.unref()
  return {
    pid: child.pid ?? 0,
    child,
    logPath,
    log: () => readFileSync(logPath, 'utf8'),
    stop: (signal = 'SIGTERM') => stopProcess(child, signal),
  }
}

/** Does a gate answer there within a second? */
export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request({ socketPath, path: '/healthz', signal: AbortSignal.timeout(1000) }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    call.once('error', () => resolve(false))
    call.end()
  })
}
