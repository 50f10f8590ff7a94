// Claims: docs/codes.md lists exactly the codes there are, with their outcome and status; a refusal names the role.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CODES, refusalMessage, verdictRequestSchema } from '../src/index.js'

test('docs/codes.md and the table agree', () => {
  const docs = readFileSync(new URL('../../../docs/codes.md', import.meta.url), 'utf8')
  const listed = [...docs.matchAll(/^\| `(\w+)` +\| (\w+) +\| (\d+) +\| .+ \|$/gm)].map(
    ([, code, outcome, status]) => ({
      code,
      outcome,
      status: Number(status),
    }),
  )
  expect(listed).toEqual(Object.entries(CODES).map(([code, { outcome, status }]) => ({ code, outcome, status })))
})

test('a verdict has status 200, an error has not', () => {
  for (const { outcome, status } of Object.values(CODES)) expect(status === 200).toBe(outcome !== 'error')
})

test('a refusal names the role as PostgreSQL does', () => {
  expect(refusalMessage('too_weak', 'alice')).toBe('password for role "alice" is too weak')
})

test('the request has exactly the fields of the contract', () => {
  expect(Object.keys(verdictRequestSchema.properties ?? {}).sort()).toEqual(
    [
      ...['actor', 'attestation', 'cluster', 'database', 'password', 'passwordType', 'role', 'statement'],
      ...['unchanged', 'validUntil', 'version'],
    ].sort(),
  )
})
