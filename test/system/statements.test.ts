// Claims: in every form that sets a password, a weak one is refused with 22023 and leaves no trace, and a strong one is
// stored and can log in; what sets no password is not asked about; no refused password is in the server's log.
import type { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { errorOf, login, strong, useCluster, verifierOf, WEAK } from './fixture.js'

const fixture = useCluster()

const hex = (text: string) => [...text].map((c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`).join('')
const unicode = (text: string) => [...text].map((c) => `\\${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')

type Form = (role: string, password: string) => string

const CREATE: Readonly<Record<string, Form>> = {
  'CREATE ROLE': (role, p) => `CREATE ROLE ${role} LOGIN PASSWORD '${p}'`,
  'CREATE USER': (role, p) => `CREATE USER ${role} PASSWORD '${p}'`,
  'CREATE GROUP': (role, p) => `CREATE GROUP ${role} LOGIN PASSWORD '${p}'`,
  'WITH ENCRYPTED PASSWORD': (role, p) => `CREATE ROLE ${role} WITH LOGIN ENCRYPTED PASSWORD '${p}'`,
  'with VALID UNTIL': (role, p) => `CREATE ROLE ${role} LOGIN PASSWORD '${p}' VALID UNTIL '2099-12-31 12:00:00+02'`,
  'VALID UNTIL infinity': (role, p) => `CREATE ROLE ${role} LOGIN PASSWORD '${p}' VALID UNTIL 'infinity'`,
  'VALID UNTIL the year 20000': (role, p) => `CREATE ROLE ${role} LOGIN PASSWORD '${p}' VALID UNTIL '20000-01-01'`,
  'a $$ string': (role, p) => `CREATE ROLE ${role} LOGIN PASSWORD $$${p}$$`,
  'a $q$ string': (role, p) => `CREATE ROLE ${role} LOGIN PASSWORD $q$${p}$q$`,
  'an E string': (role, p) => `CREATE ROLE ${role} LOGIN PASSWORD E'${hex(p)}'`,
  'a U& string': (role, p) => `CREATE ROLE ${role} LOGIN PASSWORD U&'${unicode(p)}'`,
  'DO with EXECUTE': (role, p) => `DO $do$ BEGIN EXECUTE 'CREATE ROLE ${role} LOGIN PASSWORD ''${p}'''; END $do$`,
  'DO with the statement itself': (role, p) => `DO $do$ BEGIN CREATE ROLE ${role} LOGIN PASSWORD '${p}'; END $do$`,
  'one of several statements': (role, p) => `SELECT 1; CREATE ROLE ${role} LOGIN PASSWORD '${p}'; SELECT 2`,
  'a transaction': (role, p) => `BEGIN; CREATE ROLE ${role} LOGIN PASSWORD '${p}'; COMMIT`,
  'with IN ROLE': (role, p) => `CREATE ROLE ${role} LOGIN PASSWORD '${p}' IN ROLE pg_monitor`,
}

const ALTER: Readonly<Record<string, Form>> = {
  'ALTER ROLE': (role, p) => `ALTER ROLE ${role} PASSWORD '${p}'`,
  'ALTER USER': (role, p) => `ALTER USER ${role} WITH PASSWORD '${p}'`,
  'ENCRYPTED PASSWORD': (role, p) => `ALTER ROLE ${role} ENCRYPTED PASSWORD '${p}'`,
  'ALTER ROLE with VALID UNTIL': (role, p) => `ALTER ROLE ${role} PASSWORD '${p}' VALID UNTIL '2099-01-01'`,
  CURRENT_USER: (role, p) => `SET ROLE ${role}; ALTER ROLE CURRENT_USER PASSWORD '${p}'; RESET ROLE`,
  SESSION_USER: (role, p) =>
    `SET SESSION AUTHORIZATION ${role}; ALTER USER SESSION_USER PASSWORD '${p}'; RESET SESSION AUTHORIZATION`,
  'DO with ALTER': (role, p) => `DO $do$ BEGIN EXECUTE format('ALTER ROLE ${role} PASSWORD %L', '${p}'); END $do$`,
}

/** Back to a clean session after an error in the midst of several statements. */
const reset = (client: Client) => client.query('ROLLBACK; RESET SESSION AUTHORIZATION; RESET ROLE')

describe.each(Object.entries(CREATE))('%s', (_name, form) => {
  const role = `created_${Math.random().toString(36).slice(2)}`

  test('refuses a weak password and creates nothing', async () => {
    const { dba } = fixture()
    const error = await errorOf(dba, form(role, WEAK))
    expect(error).toMatchObject({
      code: '22023',
      severity: 'ERROR',
      message: `password for role "${role}" is too weak`,
      detail: expect.stringMatching(/^Estimated at \d+(\.\d)? bits of entropy; 60 are required\. Weakest part: /),
      hint: 'Generate one with: sixtybits generate',
    })
    await reset(dba)
    expect(await verifierOf(dba, role)).toBeUndefined()
  })

  test('accepts a strong password that can log in', async () => {
    const { cluster, dba } = fixture()
    const password = strong()
    await dba.query(form(role, password))
    expect(await login(cluster, role, password)).toBe(role)
  })
})

describe.each(Object.entries(ALTER))('%s', (_name, form) => {
  const role = `altered_${Math.random().toString(36).slice(2)}`

  test('refuses a weak password and keeps the old one; accepts a strong one', async () => {
    const { cluster, dba } = fixture()
    const first = strong()
    await dba.query(`CREATE ROLE ${role} LOGIN PASSWORD '${first}'`)
    const before = await verifierOf(dba, role)

    expect(await errorOf(dba, form(role, WEAK))).toMatchObject({ code: '22023' })
    await reset(dba)
    expect(await verifierOf(dba, role)).toBe(before)
    expect(await login(cluster, role, first)).toBe(role)

    const second = strong()
    await dba.query(form(role, second))
    expect(await login(cluster, role, second)).toBe(role)
  })
})

test('an extended-protocol statement with a name is checked each time it runs', async () => {
  const { cluster, dba } = fixture()
  await dba.query('CREATE ROLE extended LOGIN')
  const weak = { name: 'weak', text: `ALTER ROLE extended PASSWORD '${WEAK}'` }
  for (let i = 0; i < 2; i++) await expect(dba.query(weak)).rejects.toMatchObject({ code: '22023' })
  const password = strong()
  await dba.query({ name: 'strong', text: `ALTER ROLE extended PASSWORD '${password}'` })
  expect(await login(cluster, 'extended', password)).toBe('extended')
})

test('a SECURITY DEFINER function lets its caller set a strong password only', async () => {
  const { cluster, dba } = fixture()
  await dba.query(`
    CREATE ROLE caller;
    CREATE FUNCTION make_role(name text, secret text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS
      $f$ BEGIN EXECUTE format('CREATE ROLE %I LOGIN PASSWORD %L', name, secret); END $f$;
    SET SESSION AUTHORIZATION caller`)
  const password = strong()
  await expect(dba.query('SELECT make_role($1, $2)', ['definer', WEAK])).rejects.toMatchObject({ code: '22023' })
  expect((await dba.query("SELECT 1 FROM pg_roles WHERE rolname = 'definer'")).rowCount).toBe(0)
  await dba.query('SELECT make_role($1, $2)', ['definer', password])
  await dba.query('RESET SESSION AUTHORIZATION')
  expect(await login(cluster, 'definer', password)).toBe('definer')
})

test('after ROLLBACK TO SAVEPOINT the rest of the transaction commits without the refused role', async () => {
  const { dba } = fixture()
  await dba.query('BEGIN; SAVEPOINT s')
  expect(await errorOf(dba, `CREATE ROLE in_savepoint LOGIN PASSWORD '${WEAK}'`)).toMatchObject({ code: '22023' })
  await dba.query('ROLLBACK TO SAVEPOINT s; CREATE ROLE after_savepoint; COMMIT')
  expect(await verifierOf(dba, 'in_savepoint')).toBeUndefined()
  expect(await verifierOf(dba, 'after_savepoint')).toBeNull()
})

test('a PL/pgSQL block that swallows the error gets no role', async () => {
  const { dba } = fixture()
  await dba.query(`DO $do$ BEGIN
      CREATE ROLE swallowed LOGIN PASSWORD '${WEAK}';
    EXCEPTION WHEN OTHERS THEN
      CREATE ROLE handler_ran;
    END $do$`)
  expect(await verifierOf(dba, 'swallowed')).toBeUndefined()
  expect(await verifierOf(dba, 'handler_ran')).toBeNull()
})

test('a prepared transaction is checked before it is prepared', async () => {
  const { cluster, dba } = fixture()
  await dba.query('BEGIN')
  expect(await errorOf(dba, `CREATE ROLE two_phase LOGIN PASSWORD '${WEAK}'`)).toMatchObject({ code: '22023' })
  await dba.query("PREPARE TRANSACTION 'weak'") // of a failed transaction: a rollback
  expect((await dba.query('SELECT 1 FROM pg_prepared_xacts')).rowCount).toBe(0)

  const password = strong()
  await dba.query(`BEGIN; CREATE ROLE two_phase LOGIN PASSWORD '${password}'; PREPARE TRANSACTION 'strong'`)
  await dba.query("COMMIT PREPARED 'strong'")
  expect(await login(cluster, 'two_phase', password)).toBe('two_phase')
})

test("PASSWORD '' is refused by name", async () => {
  const { dba } = fixture()
  const error = await errorOf(dba, "CREATE ROLE empty LOGIN PASSWORD ''")
  expect(error).toMatchObject({ code: '22023', message: 'password for role "empty" is empty' })
  expect(await verifierOf(dba, 'empty')).toBeUndefined()
})

test('a password longer than any gate takes is refused by name, not cut', async () => {
  const { dba } = fixture()
  const long = await errorOf(dba, `CREATE ROLE long LOGIN PASSWORD '${strong().repeat(100)}'`)
  expect(long).toMatchObject({ code: '22023', message: 'password for role "long" is too long' })
  const huge = await errorOf(dba, `CREATE ROLE huge LOGIN PASSWORD '${strong().repeat(70_000)}'`)
  expect(huge).toMatchObject({ code: '22023', message: 'password for role "huge" cannot be checked' })
  expect((await dba.query("SELECT 1 FROM pg_roles WHERE rolname IN ('long', 'huge')")).rowCount).toBe(0)
})

test.each([
  ['quotes', `o'brien "the" dba`],
  ['line breaks', 'two\r\nlines\tand a tab'],
  ['emoji', 'rôle 🐘 роль'],
  ['JSON metacharacters', '{"password":"x","verdict":"accept"}\\u0000\\'],
  ['format directives', '%s%n%d$1'],
  ['63 bytes', 'r'.repeat(63)],
])('a role name with %s', async (_name, role) => {
  const { cluster, dba } = fixture()
  const quoted = dba.escapeIdentifier(role)
  const error = await errorOf(dba, `CREATE ROLE ${quoted} LOGIN PASSWORD '${WEAK}'`)
  const shown = role.replace(/\p{Cc}/gu, ' ') // a message is one line
  expect(error).toMatchObject({ code: '22023', message: `password for role "${shown}" is too weak` })
  expect(await verifierOf(dba, role)).toBeUndefined()
  const password = strong()
  await dba.query(`CREATE ROLE ${quoted} LOGIN PASSWORD '${password}'`)
  expect(await login(cluster, role, password)).toBe(role)
})

test('a password with quotes, backslashes and non-ASCII letters arrives whole', async () => {
  const { cluster, dba } = fixture()
  const password = `${strong()}'"\\/é漢🐘`
  await dba.query(`CREATE ROLE exotic LOGIN PASSWORD ${dba.escapeLiteral(password)}`)
  expect(await login(cluster, 'exotic', password)).toBe('exotic')
})

test('the verifier that a role has may be set again; another may not', async () => {
  const { cluster, dba } = fixture()
  const password = strong()
  await dba.query(`CREATE ROLE hashed LOGIN PASSWORD '${password}'; CREATE ROLE other LOGIN PASSWORD '${strong()}'`)
  const own = await verifierOf(dba, 'hashed')
  const others = await verifierOf(dba, 'other')
  await dba.query(`ALTER ROLE hashed PASSWORD '${own}'`)
  expect(await errorOf(dba, `ALTER ROLE hashed PASSWORD '${others}'`)).toMatchObject({
    code: '22023',
    message: 'password for role "hashed" is pre-hashed, so its strength cannot be seen',
  })
  expect(await errorOf(dba, `CREATE ROLE copied LOGIN PASSWORD '${own}'`)).toMatchObject({ code: '22023' })
  expect(await errorOf(dba, `ALTER ROLE hashed PASSWORD 'md5${'0'.repeat(32)}'`)).toMatchObject({ code: '22023' })
  expect(await login(cluster, 'hashed', password)).toBe('hashed')
})

test('what sets no password is not asked about, with or without a gate', async () => {
  const { cluster, dba, startGate, gate } = fixture()
  const statements = (role: string) => `
    CREATE ROLE ${role} NOLOGIN;
    CREATE ROLE ${role}_null LOGIN PASSWORD NULL;
    ALTER ROLE ${role} LOGIN VALID UNTIL '2099-01-01';
    ALTER ROLE ${role} PASSWORD NULL;
    ALTER ROLE ${role} RENAME TO ${role}_renamed;
    ALTER ROLE ${role}_renamed SET work_mem = '8MB';
    DROP ROLE ${role}_null`
  await dba.query(statements('with_gate'))
  await gate?.stop()
  try {
    await dba.query(statements('without_gate'))
    expect(await verifierOf(dba, 'without_gate_renamed')).toBeNull()
  } finally {
    fixture().gate = await startGate()
  }
  await dba.query(`ALTER ROLE without_gate_renamed PASSWORD '${strong()}'`)
  expect(cluster.log()).not.toContain('PANIC')
})

test("no refused password is in the server's log or the gate's", () => {
  const { cluster, gate } = fixture()
  expect(cluster.log()).toContain('is too weak')
  expect(gate?.log()).toContain('too_weak')
  for (const log of [cluster.log(), gate?.log() ?? '']) {
    expect(log).not.toContain(WEAK)
    expect(log).not.toContain(hex(WEAK))
    expect(log).not.toContain(unicode(WEAK))
  }
})
