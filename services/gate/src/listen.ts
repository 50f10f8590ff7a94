import { randomBytes, randomInt } from 'node:crypto'
import { chmod, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Gate } from './gate.js'

const MAX_SOCKET_PATH_BYTES = 107 // sun_path of Linux is 108 with its terminator
const SOCKET_UMASK = 0o117 // leaves 0660
const DIRECTORY_MODE = 0o750
const FORBIDDEN_DIRECTORY_MODE = 0o027 // writable by the group, or anything for others
const OWN_NAME = /\.[0-9a-f]{8}(\.new|\.off)?$/
const MAX_RETREATS = 20
const ABANDONED_MS = 60_000

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
 * Replaces the socket of a gate that has died, never that of one that lives, also when several start at once.
 *
 * Each gate binds a name of its own beside the path, with its final mode, and keeps it as long as it lives: a flag that
 * says whether it lives. It takes the path only while no other flag is up. Of two that start at once, the second to
 * raise its flag sees the first: so at most one goes on, and whoever sees another lowers its flag for a moment.
 *
 * @returns what removes the socket again. @throws {ListenError}
 */
export async function listenOnSocket(gate: Gate, socketPath: string): Promise<() => Promise<void>> {
  const flag = `${socketPath}.${randomBytes(4).toString('hex')}`
  if (!isAbsolute(socketPath))
    throw new ListenError('the socket path is not absolute', 'give a path that begins with /')
  const suffixBytes = Buffer.byteLength(`${flag}.new`) - Buffer.byteLength(socketPath)
  if (Buffer.byteLength(socketPath) + suffixBytes > MAX_SOCKET_PATH_BYTES) {
    throw new ListenError('the socket path is too long', `use at most ${MAX_SOCKET_PATH_BYTES - suffixBytes} bytes`)
  }
  await prepareDirectory(dirname(socketPath))

  const previousUmask = process.umask(SOCKET_UMASK)
  try {
    await gate.listen({ path: flag })
  } finally {
    process.umask(previousUmask)
  }
  const remove = async () => {
    const [own, current] = await Promise.all([stat(flag), stat(socketPath)]).catch(() => [])
    if (own && own.ino === current?.ino) await rm(socketPath, { force: true })
    for (const name of [flag, `${flag}.new`, `${flag}.off`]) await rm(name, { force: true })
  }
  try {
    await takePath(socketPath, flag)
  } catch (error) {
    await remove()
    await gate.close()
    throw error
  }
  return remove
}

async function takePath(socketPath: string, flag: string): Promise<void> {
  for (let retreats = 0; retreats < MAX_RETREATS; retreats++) {
    const found = await stat(socketPath).catch(() => null)
    if (found && !found.isSocket()) {
      throw new ListenError(`${socketPath} is not a socket`, 'remove it, or give another --socket')
    }
    if (found && (await isAlive(socketPath))) break
    if (!(await anotherFlagIsUp(socketPath, flag))) {
      await link(flag, `${flag}.new`)
      await rename(`${flag}.new`, socketPath)
      return
    }
    await rename(flag, `${flag}.off`)
    await sleep(randomInt(10, 200))
    await rename(`${flag}.off`, flag)
  }
  throw new ListenError(`another gate listens on ${socketPath}`, 'stop it, or give another --socket')
}

async function anotherFlagIsUp(socketPath: string, flag: string): Promise<boolean> {
  const directory = dirname(socketPath)
  let up = false
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    if (!name.startsWith(`${basename(socketPath)}.`) || !OWN_NAME.test(name) || path === flag) continue
    const found = await stat(path).catch(() => null)
    if (!found?.isSocket()) continue
    if (await isAlive(path)) up ||= !name.endsWith('.off')
    // A young one is left: a socket that was bound a moment ago and does not listen yet looks dead.
    else if (Date.now() - found.mtimeMs > ABANDONED_MS) await rm(path, { force: true })
  }
  return up
}

async function prepareDirectory(directory: string): Promise<void> {
  const made = await mkdir(directory, { mode: DIRECTORY_MODE }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw new ListenError(
        `cannot create the directory ${directory} (${error.code})`,
        `make one that the gate owns: install -d -m 0750 ${directory}`,
      )
    },
  )
  if (made) await chmod(directory, DIRECTORY_MODE) // a umask of 077 has taken the group's way in
  const { mode, uid } = await stat(directory)
  if (uid !== process.getuid?.()) {
    throw new ListenError(`the directory ${directory} belongs to another user`, 'chown it, or give another --socket')
  }
  if ((mode & FORBIDDEN_DIRECTORY_MODE) !== 0) {
    throw new ListenError(
      `the directory ${directory} is open to others than its owner and group`,
      `close it: chmod 0750 ${directory}`,
    )
  }
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
