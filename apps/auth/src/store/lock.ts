export type Release = () => void

/** One holder at a time, first come, first served. */
export function createLock(): () => Promise<Release> {
  let last: Promise<void> = Promise.resolve()

  return async () => {
    const before = last
    let release: Release = () => {}
    last = new Promise((resolve) => {
      release = resolve
    })
    await before
    return release
  }
}
