// Preloaded into a server (--import): names below .test are this machine, as the hosts file of a developer says.
import dns from 'node:dns'

const { lookup } = dns
dns.lookup = (name, ...rest) => lookup(name.endsWith('.test') ? '127.0.0.1' : name, ...rest)
