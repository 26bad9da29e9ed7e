import type { Contestant } from './contestants/index.ts'
import { createVisitor, type Visitor } from './operations.ts'
import type { Server } from './server.ts'
import { openWire, type Wire } from './wire.ts'

export const SESSIONS = 64

/** A provider that runs, and who visits it. */
export interface Running {
  name: string
  isForgetful: boolean
  server: Server
  wire: Wire
  visitor: Visitor
}

export async function open(
  { name, isForgetful = false, start }: Pick<Contestant, 'name' | 'isForgetful' | 'start'>,
  folder: string,
): Promise<Running> {
  const server = await start(folder)
  const wire = openWire(server.issuer)
  return { name, isForgetful, server, wire, visitor: await createVisitor(wire) }
}

export async function close({ server, wire }: Running): Promise<void> {
  wire.close()
  await server.stop()
}
