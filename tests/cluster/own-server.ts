import { startPostgres } from '@grove/auth/testing'
import { type Cluster, openCluster } from './cluster.ts'

export interface OnOwnServer extends Cluster {
  crash(): Promise<void>
  resume(): Promise<void>
}

/** A PostgreSQL for these processes alone, which may be killed. */
export async function onOwnServer(size: number, settings: Record<string, string>): Promise<OnOwnServer> {
  const server = await startPostgres(settings)
  const cluster = await openCluster(size, { databaseUrl: await server.createDatabase('own') })
  return {
    ...cluster,
    crash: server.crash,
    resume: server.resume,
    async close() {
      await cluster.close()
      await server.stop()
    },
  }
}
