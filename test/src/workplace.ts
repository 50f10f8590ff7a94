import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serverIdentity } from './postgres/user.js'

// A socket path has at most 107 bytes; below the temporary directory ours needs 50.
const MAX_TEMPORARY_PATH_BYTES = 57

/** A temporary directory that holds a cluster, a gate's socket and their logs. */
export interface Workplace {
  readonly directory: string
  /** In a directory that only the gate's user can change and only the server's group can enter. */
  readonly socketPath: string
  remove(): void
}

export function createWorkplace(): Workplace {
  const identity = serverIdentity()
  // As root the server runs as another user, who may not be able to enter a TMPDIR of root's.
  const usable = !('uid' in identity) && Buffer.byteLength(tmpdir()) <= MAX_TEMPORARY_PATH_BYTES
  const directory = mkdtempSync(join(usable ? tmpdir() : '/tmp', 'sixtybits-'))
  const gateDirectory = join(directory, 'gate')
  mkdirSync(gateDirectory)
  if ('gid' in identity) {
    chmodSync(directory, 0o711) // the server's user passes through
    chownSync(gateDirectory, 0, identity.gid)
    chmodSync(gateDirectory, 0o2750) // setgid: the socket inherits the server's group
  } else {
    chmodSync(gateDirectory, 0o750)
  }
  return {
    directory,
    socketPath: join(gateDirectory, 'gate.sock'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}
