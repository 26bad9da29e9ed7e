import { LOCKED } from './locked.ts'
import { playsInShort } from './short-form.ts'

playsInShort(LOCKED)
