import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Fault } from '#port'

export interface Listening {
  readonly url: string
  /** Takes no more requests, lets those under way end, and after `graceMs` cuts what is left. */
  close(graceMs: number): Promise<void>
}

export interface Address {
  readonly port: number
  readonly host: string
  /** The command line's word for the port. */
  readonly flag: string
}

/** Any that needs no rights. */
const goodPort = 4000

export async function listen(
  answer: (request: Request) => Response | Promise<Response>,
  { port, host, flag }: Address,
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: answer })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenFault(error, { port, host, flag })))
    server.listen(port, host, () => resolve())
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://${host === '127.0.0.1' ? 'localhost' : host}:${address.port}`,
    close(graceMs) {
      return new Promise((resolve) => {
        const cut = setTimeout(() => {
          if ('closeAllConnections' in server) server.closeAllConnections()
        }, graceMs)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        if ('closeIdleConnections' in server) server.closeIdleConnections()
      })
    },
  }
}

function listenFault(error: NodeJS.ErrnoException, { port, host, flag }: Address): Fault {
  const facts = { port, host }
  if (error.code === 'EADDRINUSE') {
    return new Fault('serve/port-in-use', `Port ${port} is in use by another program.`, {
      mend: `Stop that program, or choose another port: ${flag} ${port + 1}.`,
      cause: error,
      facts,
    })
  }
  if (error.code === 'EACCES') {
    return new Fault('serve/port-refused', `The system does not let us use port ${port}.`, {
      mend: `Choose a port of 1024 or above: ${flag} ${goodPort}.`,
      cause: error,
      facts,
    })
  }
  return new Fault('serve/listen', `Cannot listen on ${host}:${port}: ${error.message}.`, {
    mend: `Choose another port with ${flag}.`,
    cause: error,
    facts,
  })
}
