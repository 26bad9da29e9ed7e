import { OUTAGES } from './outages.ts'
import { playsInShort } from './short-form.ts'

playsInShort(OUTAGES)
