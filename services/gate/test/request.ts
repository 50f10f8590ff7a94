import type { VerdictRequest } from '@sixtybits/protocol'

export const WEAK = 'Summer2026!'
export const STRONG = 'kfh7a1DsUYJErOkg'

/** A request as the module sends it. */
export function verdictRequest(fields: Partial<VerdictRequest> = {}): VerdictRequest {
  return {
    version: 1,
    cluster: 'prod-eu-1',
    database: 'app',
    statement: 'create',
    role: 'alice',
    password: STRONG,
    passwordType: 'plaintext',
    unchanged: false,
    validUntil: null,
    actor: {
      sessionUser: 'dba',
      currentUser: 'dba',
      superuser: true,
      clientAddress: '10.0.0.7',
      applicationName: 'psql',
    },
    attestation: null,
    ...fields,
  }
}
