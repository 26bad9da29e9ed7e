import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import type { House, Said } from './house.ts'

const PAGES = new URL('../../docs/operations/', import.meta.url)
const played = new Set<string>()
/** Starts all of docker-compose.yml: `pnpm test:compose` plays it. */
const PLAYED_ELSEWHERE = 'containers.md'

/** The commands of each page that has any: what stands between ```sh and ```, a line each. */
export const commandsOf = (name: string): string[] =>
  [...readFileSync(new URL(name, PAGES), 'utf8').matchAll(/^( *)```sh\n([\s\S]*?)\n\1```$/gm)]
    .flatMap(([, , lines = '']) => lines.split('\n'))
    .map((line) => line.trim())

/** The pages with commands, and those of them that were played. */
export const pagesWithCommands = (): string[] =>
  readdirSync(PAGES).filter(
    (name) => name.endsWith('.md') && name !== PLAYED_ELSEWHERE && commandsOf(name).length > 0,
  )
export const pagesPlayed = (): string[] => [...played].toSorted()

/** A page whose commands are typed one after the other, as they stand there. */
export interface Page {
  /** Types the next command, which has to be this one. `<…>` in it is replaced by `values`; `env` goes with it. */
  types(
    command: string,
    house: House,
    more?: { values?: Record<string, string>; env?: Record<string, string> },
  ): Promise<Said>
  /** What was not typed. */
  left(): string[]
}

export function openPage(name: string): Page {
  played.add(name)
  const commands = commandsOf(name)
  let place = 0
  return {
    async types(command, house, { values = {}, env = {} } = {}) {
      expect(commands[place], `the next command of ${name}`).toBe(command)
      place += 1
      const line = command.replaceAll(/<(\w+)>/g, (_, word: string) => values[word] ?? '')
      return await house.types(line, env)
    },
    left: () => commands.slice(place),
  }
}
