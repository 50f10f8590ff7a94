import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { estimate, type Policy } from '@sixtybits/entropy'
import { VERDICTS_PATH, type VerdictRequest, verdictRequestSchema, verdictResponseSchema } from '@sixtybits/protocol'
import type { FastifyPluginAsync } from 'fastify'
import type { Logger } from '../log.js'
import { decide } from './decide.js'

interface VerdictsOptions {
  readonly policy: Policy
  readonly logger: Logger
  readonly newId: () => string
}

/** POST /v1/verdicts: judges the password that a role is about to get. */
export const verdicts: FastifyPluginAsync<VerdictsOptions> = async (gate, { policy, logger, newId }) => {
  // The first estimate loads the dictionaries, which would take most of the hook's deadline.
  gate.addHook('onReady', async () => void estimate('warm-up'))

  // One judgement in each turn of the event loop: between two of them the gate learns which clients have hung up, and
  // does not judge for those. Else a few sessions that time out and ask again would keep everybody waiting.
  let turn: Promise<unknown> = Promise.resolve()

  gate.post<{ Body: VerdictRequest }>(
    VERDICTS_PATH,
    { schema: { body: verdictRequestSchema, response: { 200: verdictResponseSchema } } },
    async (request, reply) => {
      turn = turn.then(() => setImmediate())
      await turn
      if (hasHungUp(request.raw.socket)) return reply.hijack()

      const startMs = performance.now()
      const { cluster, database, role, statement } = request.body
      const verdict = decide(request.body, policy, newId())
      logger.log('decision', {
        id: verdict.id,
        cluster,
        database,
        role,
        statement,
        verdict: verdict.verdict,
        code: verdict.code,
        ...(verdict.bits === null ? {} : { bits: Math.floor(verdict.bits) }),
        durationMs: Math.round(performance.now() - startMs),
      })
      reply.header('cache-control', 'no-store')
      return verdict
    },
  )
}

function hasHungUp(socket: Socket): boolean {
  return socket.destroyed || socket.readableEnded
}
