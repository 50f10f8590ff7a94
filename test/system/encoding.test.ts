// Claims: in a database that is not UTF-8 a password is judged as what it says; one that cannot be told in UTF-8 is
// refused by name and not shown; a name that cannot be told keeps nobody from setting a password.
import { beforeAll, describe, expect, test } from 'vitest'
import { errorOf, strong, useCluster, verifierOf, WEAK } from './fixture.js'

const CLUSTER = 'prod-漢' // its UTF-8 bytes are no EUC_JP
const fixture = useCluster({ 'sixtybits.cluster': CLUSTER })

beforeAll(async () => {
  const { dba } = fixture()
  for (const encoding of ['LATIN1', 'SQL_ASCII', 'EUC_JP']) {
    await dba.query(`CREATE DATABASE ${encoding} ENCODING '${encoding}' LOCALE 'C' TEMPLATE template0`)
  }
})

describe.each(['latin1', 'sql_ascii', 'euc_jp'])('%s', (database) => {
  test('an ASCII password is judged', async () => {
    const client = await fixture().cluster.connect({ database })
    const role = `in_${database}`
    try {
      expect(await errorOf(client, `CREATE ROLE ${role} PASSWORD '${WEAK}'`)).toMatchObject({
        code: '22023',
        message: `password for role "${role}" is too weak`,
      })
      await client.query(`CREATE ROLE ${role} PASSWORD '${strong()}'`)
      expect(await verifierOf(client, role)).toMatch(/^SCRAM-SHA-256\$/)
    } finally {
      await client.end()
    }
  })
})

test('LATIN1: an accented password reaches the gate as UTF-8', async () => {
  const client = await fixture().cluster.connect({ database: 'latin1' })
  try {
    // In LATIN1 bytes `é` alone would be malformed UTF-8.
    expect(await errorOf(client, "CREATE ROLE accented PASSWORD 'Crème brûlée é'")).toMatchObject({
      code: '22023',
      message: 'password for role "accented" is too weak',
    })
    await client.query(`CREATE ROLE accented PASSWORD '${strong()}é'`)
  } finally {
    await client.end()
  }
})

test('SQL_ASCII: bytes that are not UTF-8 are refused by name and shown nowhere', async () => {
  const client = await fixture().cluster.connect({ database: 'sql_ascii' })
  try {
    const error = await errorOf(client, `CREATE ROLE bytes PASSWORD E'${strong()}\\xff\\xfe'`)
    expect(error).toMatchObject({ code: '22023', message: 'password for role "bytes" cannot be checked' })
    expect(JSON.stringify(error)).not.toMatch(/xff|xfe|\uFFFD/i)
    expect(await verifierOf(client, 'bytes')).toBeUndefined()
  } finally {
    await client.end()
  }
})

test('the name of the cluster is told as far as the database can tell it', async () => {
  const { dba, gate } = fixture()
  await dba.query(`CREATE ROLE in_utf8 PASSWORD '${strong()}'`)
  const decisions = (gate?.log() ?? '').split('\n').filter((line) => line.includes('"decision"'))
  const clusters = decisions.map((line) => JSON.parse(line)).map(({ database, cluster }) => `${database} ${cluster}`)
  expect(clusters).toContain('euc_jp prod-???')
  expect(clusters).toContain(`postgres ${CLUSTER}`)
})
