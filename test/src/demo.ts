import { generate } from '@sixtybits/entropy'
import { type Client, DatabaseError } from 'pg'
import { type GateProcess, startGate } from './gate.js'
import { type Cluster, startCluster } from './postgres/cluster.js'
import { findInstallation } from './postgres/installation.js'
import { buildModule } from './postgres/module.js'
import { createWorkplace } from './workplace.js'

const USAGE = `Usage: pnpm demo [--keep]

Starts a throw-away PostgreSQL with the module and a gate beside it, and shows a weak password refused and a generated
one accepted. --keep leaves both running and says how to connect and how to stop them.`

const say = (text = ''): void => void process.stdout.write(`${text}\n`)
const note = (text: string): void => say(`-- ${text}`)

/** Runs a statement and prints it and what came of it as psql does. Returns the SQLSTATE of an error, or null. */
async function show(client: Client, sql: string): Promise<string | null> {
  say(`${client.database}=${client.user === 'postgres' ? '#' : '>'} ${sql}`)
  try {
    const { fields, rows } = await client.query(sql)
    const name = fields[0]?.name
    if (name === undefined)
      say(sql.split(' ', 2).join(' ')) // the command tag of a DDL statement
    else say([` ${name}`, '-'.repeat(name.length + 2), ...rows.map((row) => ` ${row[name]}`), ''].join('\n'))
    return null
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    say(`ERROR:  ${error.message}`)
    if (error.detail) say(`DETAIL:  ${error.detail}`)
    if (error.hint) say(`HINT:  ${error.hint}`)
    return error.code ?? ''
  }
}

function expect(what: string, actual: unknown, wanted: unknown): void {
  if (actual !== wanted) throw new Error(`the demo went wrong: ${what}: ${actual} instead of ${wanted}`)
}

async function demo(keep: boolean): Promise<void> {
  const installation = findInstallation(note)
  note(`PostgreSQL ${installation.version}: ${installation.origin}`)
  const workplace = createWorkplace()
  const { directory, socketPath } = workplace
  const started: { stop(): Promise<void> }[] = []
  const cleanUp = async () => {
    for (const one of started.splice(0).reverse()) await one.stop()
    workplace.remove()
  }
  process.once('SIGINT', () => void cleanUp().finally(() => process.exit(130)))
  try {
    note('building the module')
    const library = buildModule(installation, directory)
    note(`starting a gate and a PostgreSQL in ${directory}`)
    const startDemoGate = () => startGate(socketPath, `${directory}/gate.log`, keep)
    let gate = await startDemoGate()
    started.push({ stop: () => gate.stop() })
    const settings = { 'sixtybits.socket': socketPath, 'sixtybits.cluster': 'demo' }
    const cluster = await startCluster({ installation, directory, library, settings, detached: keep })
    started.push(cluster)
    say()

    gate = await session(cluster, gate, keep ? startDemoGate : null)

    if (keep) {
      started.length = 0
      note('still running; connect with')
      say(`psql "host=${cluster.host} port=${cluster.port} user=postgres dbname=postgres"`)
      note('stop with')
      say(`kill -INT ${cluster.pid}; kill ${gate.pid}; sleep 2; rm -r ${directory}`)
    } else {
      await cleanUp()
      note(`done; the server, the gate and ${directory} are gone`)
    }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

/** The SQL session. Leaves a gate running if it is told how to start one. */
async function session(
  cluster: Cluster,
  gate: GateProcess,
  restart: (() => Promise<GateProcess>) | null,
): Promise<GateProcess> {
  const dba = await cluster.connect()
  try {
    note('a weak password is refused')
    expect('weak', await show(dba, "CREATE ROLE alice LOGIN PASSWORD 'Summer2026!';"), '22023')

    const { password, bits } = generate()
    note(`a generated one (${Math.floor(bits)} bits) is accepted`)
    expect('generated', await show(dba, `CREATE ROLE alice LOGIN PASSWORD '${password}';`), null)

    note('and works, over TCP with SCRAM-SHA-256')
    const alice = await cluster.connect({ host: '127.0.0.1', user: 'alice', password })
    expect('login', await show(alice, 'SELECT current_user;'), null)
    await alice.end()

    note('with the gate stopped nothing can be checked, so nothing is accepted')
    await gate.stop()
    expect('unchecked', await show(dba, `CREATE ROLE bob LOGIN PASSWORD '${generate().password}';`), '58000')

    const roles = "SELECT rolname FROM pg_roles WHERE rolname IN ('alice', 'bob');"
    expect('roles', await show(dba, roles), null)
    expect('roles', (await dba.query(roles)).rows.map(({ rolname }) => rolname).join(), 'alice')
  } finally {
    await dba.end()
  }
  return restart ? await restart() : gate
}

const args = process.argv.slice(2)
if (args.includes('--help')) {
  say(USAGE)
} else if (args.some((arg) => arg !== '--keep')) {
  process.stderr.write(`${USAGE}\n`)
  process.exitCode = 2
} else {
  await demo(args.includes('--keep')).catch((error: unknown) => {
    process.exitCode = 1
    process.stderr.write(`demo: ${error instanceof Error ? error.message : error}\n`)
  })
}
