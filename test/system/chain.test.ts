// Claims: the module chains with another check_password_hook in either load order: each refuses what it refuses alone.
// Loaded last, the module also keeps the other's refusals from taking the statement into the log.
import { describe, expect, inject, test } from 'vitest'
import { login, strong, useCluster, WEAK } from './fixture.js'

describe.each([['passwordcheck,SIXTYBITS'], ['SIXTYBITS,passwordcheck']])('%s', (order) => {
  const fixture = useCluster({ shared_preload_libraries: order.replace('SIXTYBITS', inject('library')) })

  test('the other still refuses', async () => {
    const { dba } = fixture()
    const lettersOnly = 'qWkzXvBnTyRpLmHgFd' // strong enough for the gate
    await expect(dba.query(`CREATE ROLE letters PASSWORD '${lettersOnly}'`)).rejects.toMatchObject({
      code: '22023',
      message: 'password must contain both letters and nonletters',
    })
    if (order.endsWith('SIXTYBITS')) expect(fixture().cluster.log()).not.toContain(lettersOnly)
  })

  test('the gate still refuses', async () => {
    const { dba } = fixture()
    await expect(dba.query(`CREATE ROLE weak PASSWORD '${WEAK}'`)).rejects.toMatchObject({
      code: '22023',
      message: 'password for role "weak" is too weak',
    })
  })

  test('both accept', async () => {
    const { cluster, dba } = fixture()
    const password = `${strong()}7`
    await dba.query(`CREATE ROLE chained LOGIN PASSWORD '${password}'`)
    expect(await login(cluster, 'chained', password)).toBe('chained')
  })
})
