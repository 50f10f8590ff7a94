// Claims: the module is loaded at server start or not at all: a session cannot load it and believe itself protected.
import { expect, inject, test } from 'vitest'
import { errorOf, useCluster } from './fixture.js'

const fixture = useCluster({ shared_preload_libraries: '' }, { gate: false })

test('LOAD fails with the remedy', async () => {
  const { dba } = fixture()
  expect(await errorOf(dba, `LOAD '${inject('library')}'`)).toMatchObject({
    code: '55000',
    message: 'sixtybits must be loaded at server start',
    hint: 'Add sixtybits to shared_preload_libraries and restart the server.',
  })
})
