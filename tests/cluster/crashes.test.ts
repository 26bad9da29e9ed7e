import { CRASHES } from './crashes.ts'
import { playsInShort } from './short-form.ts'

playsInShort(CRASHES)
