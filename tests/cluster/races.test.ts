import { RACES } from './races.ts'
import { playsInShort } from './short-form.ts'

playsInShort(RACES)
