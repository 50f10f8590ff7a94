import { tryRun } from '../run.js'

/** Identity under which a server process runs: spawn's `uid` and `gid`, or none to stay who we are. */
export type Identity = { readonly uid: number; readonly gid: number } | Record<never, never>

/** `postgres` and `initdb` refuse to run as root: then the first user of these that has an entry in passwd. */
export function serverIdentity(): Identity {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    const uid = tryRun('id', ['-u', name])
    const gid = tryRun('id', ['-g', name])
    if (uid !== null && gid !== null) return { uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL cannot run as root, and there is no user postgres or nobody to run it as')
}
