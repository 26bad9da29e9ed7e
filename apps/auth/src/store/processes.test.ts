import { onEachDatabase } from './databases.fixture.ts'
import { processesContract } from './processes.contract.ts'

await onEachDatabase(processesContract)
