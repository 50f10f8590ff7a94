import { floorBits, judge, type Policy } from '@sixtybits/entropy'
import { refusalMessage, type VerdictCode, type VerdictRequest, type VerdictResponse } from '@sixtybits/protocol'

/** The verdict on one request. Pure. */
export function decide(request: VerdictRequest, policy: Policy, id: string): VerdictResponse {
  return request.passwordType === 'plaintext'
    ? decidePlaintext(request, policy, id)
    : decideVerifier(request, policy, id)
}

function decidePlaintext(request: VerdictRequest, policy: Policy, id: string): VerdictResponse {
  const { cluster, database, role, actor } = request
  const words = [role, database, cluster, actor.sessionUser, actor.currentUser]
  const { verdict, code, bits, requiredBits, detail, hint } = judge(request.password, policy, { words })
  const message = refusalMessage(code, role)
  return { verdict, id, bits: floorBits(bits), requiredBits, code, message, detail, hint }
}

/** The gate cannot see through a verifier: the one that the role has may stay, as in a restore; another is refused. */
function decideVerifier(request: VerdictRequest, policy: Policy, id: string): VerdictResponse {
  const code: VerdictCode = request.unchanged ? 'unchanged' : 'attestation_missing'
  const kind = request.passwordType === 'md5' ? 'an MD5 hash' : 'a SCRAM-SHA-256 verifier'
  return {
    verdict: request.unchanged ? 'accept' : 'refuse',
    id,
    bits: null,
    requiredBits: policy.minimumBits,
    code,
    message: refusalMessage(code, request.role),
    detail: request.unchanged ? null : `Nothing tells how strong the password behind ${kind} is.`,
    hint: request.unchanged
      ? null
      : 'Send the password itself over TLS: the server hashes it once the gate has judged it.',
  }
}
