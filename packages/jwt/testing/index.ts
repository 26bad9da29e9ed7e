export { type OpenReplayStore, replayStoreContract } from './replay.contract.ts'
