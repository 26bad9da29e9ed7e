export { forge, type TestKey, testKey } from '../src/issuer.fixture.ts'
export { createDpopKey, type DpopKey, type ProvedRequest } from './dpop.ts'
export { type OpenReplayStore, replayStoreContract } from './replay.contract.ts'
