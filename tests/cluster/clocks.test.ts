import { CLOCKS } from './clocks.ts'
import { playsInShort } from './short-form.ts'

playsInShort(CLOCKS)
