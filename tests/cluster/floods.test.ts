import { FLOODS } from './floods.ts'
import { playsInShort } from './short-form.ts'

playsInShort(FLOODS)
