// node --import tsx src/provider/main.ts [--quick]
import { printMachine } from '../table.ts'
import { measureProviders } from './section.ts'

printMachine()
await measureProviders({ isQuick: process.argv.includes('--quick') }).catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
process.exit() // connections that are kept open would keep the bench waiting
