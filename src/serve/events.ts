import { Fault } from '#port'

export interface ServerEvent {
  readonly id: string
  readonly event: 'publication' | 'run' | 'live'
  readonly data: object | null
}

/** Server-sent events to any number of browsers (HTML Living Standard §9.2). */
export interface EventHub {
  /** `lastEventId` is what a browser that was here before has already seen. */
  subscribe(lastEventId: string | undefined): Response
  send(event: ServerEvent): void
  close(): void
}

const mostSubscribers = 256
/** A browser that reads slower than this many waiting messages is let go; it connects again and gets the newest. */
const mostWaiting = 32

export function eventHub(state: () => readonly ServerEvent[], heartbeatMs: number): EventHub {
  const subscribers = new Set<ReadableStreamDefaultController<Uint8Array>>()
  const encoder = new TextEncoder()

  function push(controller: ReadableStreamDefaultController<Uint8Array>, bytes: Uint8Array): void {
    if ((controller.desiredSize ?? 0) < -mostWaiting) {
      leave(controller)
      return
    }
    controller.enqueue(bytes)
  }

  function leave(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (!subscribers.delete(controller)) return
    controller.close()
  }

  const here = encoder.encode(': here\n\n')
  const heartbeat = setInterval(() => {
    for (const controller of subscribers) push(controller, here)
  }, heartbeatMs)
  heartbeat.unref()

  return {
    subscribe(lastEventId) {
      if (subscribers.size >= mostSubscribers) {
        throw new Fault('serve/busy', `${mostSubscribers} browsers are listening already.`, {
          mend: 'Close some, or start another server on the same lake.',
          retry: true,
        })
      }
      let mine: ReadableStreamDefaultController<Uint8Array> | undefined
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          mine = controller
          subscribers.add(controller)
          push(controller, encoder.encode('retry: 2000\n\n'))
          for (const event of state()) {
            if (event.id !== lastEventId) push(controller, encoder.encode(framed(event)))
          }
        },
        cancel() {
          if (mine !== undefined) subscribers.delete(mine)
        },
      })
      return new Response(body, {
        headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' },
      })
    },

    send(event) {
      const bytes = encoder.encode(framed(event))
      for (const controller of subscribers) push(controller, bytes)
    },

    close() {
      clearInterval(heartbeat)
      for (const controller of subscribers) leave(controller)
    },
  }
}

function framed({ id, event, data }: ServerEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
