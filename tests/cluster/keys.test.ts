import { KEYS } from './keys.ts'
import { playsInShort } from './short-form.ts'

playsInShort(KEYS)
