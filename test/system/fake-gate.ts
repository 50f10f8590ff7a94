import { chmodSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import type { Fixture } from './fixture.js'

/** Listens in the gate's place and treats each connection as `serve` does, once the request's header has come. */
export async function withFakeGate<T>(
  { workplace }: Fixture,
  serve: (socket: Socket) => void,
  body: () => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined) // the hook hangs up when its deadline has come
    socket.once('data', () => serve(socket))
  })
  rmSync(workplace.socketPath, { force: true })
  await new Promise<void>((resolve) => server.listen(workplace.socketPath, resolve))
  chmodSync(workplace.socketPath, 0o660)
  try {
    return await body()
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

/** An HTTP answer with its length. */
export function httpAnswer(body: string, status = '200 OK', headers = ''): string {
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${headers}\r\n${body}`
}

export const ACCEPT = {
  verdict: 'accept',
  id: 'an-id',
  bits: 95.2,
  requiredBits: 60,
  code: 'accepted',
  message: 'fine',
  detail: null,
  hint: null,
}
