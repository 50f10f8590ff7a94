import { link, mkdir, rename, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, isAbsolute } from 'node:path'
import type { Gate } from './gate.js'

const MAX_SOCKET_PATH_BYTES = 107 // sun_path of Linux is 108 with its terminator
const SOCKET_UMASK = 0o117 // leaves 0660
const DIRECTORY_MODE = 0o750
const FORBIDDEN_DIRECTORY_MODE = 0o027 // writable by the group, or anything for others

/** A path that cannot be listened on, and what to do about it. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
  readonly hint: string
  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/**
 * Listens on a Unix socket of mode 0660 in a directory that only its owner can change and only its group can enter.
 * Replaces the socket of a gate that has died, never that of one that lives, also when two start at once.
 *
 * Node can only bind, not take over, a path. So the socket is bound under a name of its own, with its final mode, and
 * then linked to its place, which fails if another got there first.
 *
 * @returns what removes the socket again. @throws {ListenError}
 */
export async function listenOnSocket(gate: Gate, socketPath: string): Promise<() => Promise<void>> {
  const ownPath = `${socketPath}.${process.pid}`
  if (!isAbsolute(socketPath))
    throw new ListenError('the socket path is not absolute', 'give a path that begins with /')
  if (Buffer.byteLength(ownPath) > MAX_SOCKET_PATH_BYTES) {
    throw new ListenError('the socket path is too long', `use at most ${MAX_SOCKET_PATH_BYTES - 8} bytes`)
  }
  await prepareDirectory(dirname(socketPath))

  await rm(ownPath, { force: true }) // of a dead gate whose process id is ours now
  const previousUmask = process.umask(SOCKET_UMASK)
  try {
    await gate.listen({ path: ownPath })
  } finally {
    process.umask(previousUmask)
  }
  try {
    await removeStale(socketPath, `${ownPath}.stale`)
    await link(ownPath, socketPath).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'EEXIST' ? alreadyServed(socketPath) : error
    })
  } catch (error) {
    await gate.close()
    throw error
  }
  await rm(ownPath, { force: true })
  const { ino } = await stat(socketPath)
  return async () => {
    const current = await stat(socketPath).catch(() => null)
    if (current?.ino === ino) await rm(socketPath, { force: true })
  }
}

function alreadyServed(socketPath: string): ListenError {
  return new ListenError(`another gate listens on ${socketPath}`, 'stop it, or give another --socket')
}

async function prepareDirectory(directory: string): Promise<void> {
  await mkdir(directory, { mode: DIRECTORY_MODE }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return
    throw new ListenError(
      `cannot create the directory ${directory} (${error.code})`,
      `make one that the gate owns: install -d -m 0750 ${directory}`,
    )
  })
  const { mode, uid } = await stat(directory)
  if (uid !== 0 && uid !== process.getuid?.()) {
    throw new ListenError(`the directory ${directory} belongs to another user`, `chown it, or give another --socket`)
  }
  if ((mode & FORBIDDEN_DIRECTORY_MODE) !== 0) {
    throw new ListenError(
      `the directory ${directory} is open to others than its owner and group`,
      `close it: chmod 0750 ${directory}`,
    )
  }
}

/**
 * Removes the socket of a dead gate. It is moved aside first: should another gate have put a live one in its place since
 * it was found dead, that one is put back.
 */
async function removeStale(socketPath: string, asidePath: string): Promise<void> {
  const found = await stat(socketPath).catch(() => null)
  if (found === null) return
  if (!found.isSocket()) throw new ListenError(`${socketPath} is not a socket`, 'remove it, or give another --socket')
  if (await isAlive(socketPath)) throw alreadyServed(socketPath)
  await rename(socketPath, asidePath)
  if ((await stat(asidePath)).ino !== found.ino) await link(asidePath, socketPath).catch(() => undefined)
  await rm(asidePath, { force: true })
}

/** Does anyone accept connections there? A full backlog is a sign of life. */
function isAlive(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT')
    })
  })
}
