// Prisma's schema engine, compiled to WebAssembly, on top of a driver adapter. All of them come from npm.
import { readFile } from 'node:fs/promises'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg'

await instantiate()

/** Once for the process: the module keeps its state in globals. */
async function instantiate() {
  const file = new URL('./schema_engine_bg.wasm', import.meta.resolve('@prisma/schema-engine-wasm'))
  globalThis.PRISMA_WASM_PANIC_REGISTRY = {
    set_message(message) {
      this.message = message
    },
  }
  const { instance } = await WebAssembly.instantiate(await readFile(file), {
    './schema_engine_bg.js': bindings,
  })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
}

/**
 * Opens an engine for one command; this build forgets its shadow database after the first.
 * @param {{ connect: Function, connectToShadowDb: Function }} driver of driver.mjs
 * @param {[path: string, text: string][] | undefined} models the schema files, where the command wants them
 */
export function openEngine(driver, models) {
  return bindings.SchemaEngine.new(
    { datamodels: models },
    () => {},
    bindMigrationAwareSqlAdapterFactory(driver),
  )
}
