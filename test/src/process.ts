import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const START_TIMEOUT_MS = 30_000
const POLL_INTERVAL_MS = 20
const STOP_TIMEOUT_MS = 20_000

/** Waits until `ready` says so. @throws {Error} with the log if the process ends first, or takes too long: then it is killed. */
export async function untilReady(
  child: ChildProcess,
  name: string,
  logPath: string,
  ready: () => Promise<boolean>,
): Promise<void> {
  for (const deadlineMs = Date.now() + START_TIMEOUT_MS; !(await ready()); await sleep(POLL_INTERVAL_MS)) {
    if (!hasEnded(child) && Date.now() < deadlineMs) continue
    await stopProcess(child, 'SIGKILL')
    throw new Error(`${name} did not start:\n${readFileSync(logPath, 'utf8')}`)
  }
}

/** Asks with `signal`, insists after a while, and returns when the process is gone. */
export async function stopProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return
  const gone = once(child, 'exit')
  child.kill(signal)
  const insist = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
  await gone
  clearTimeout(insist)
}

/** Also true of one that could not be started. */
function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
}
