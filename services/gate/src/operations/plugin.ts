import type { FastifyPluginAsync } from 'fastify'

/** GET /healthz: the process answers. */
export const operations: FastifyPluginAsync<{ readonly version: string }> = async (gate, { version }) => {
  gate.get('/healthz', async () => ({ status: 'ok', version }))
}
