import { describe, expect, test } from 'vitest'
import { clientAddress, networkOf, trustedProxies } from './addresses.ts'

const PROXY = '10.1.2.3'
const nobody = trustedProxies([])
const proxies = trustedProxies(['10.0.0.0/8', '192.0.2.7', '2001:db8:1::/48'])

describe('AZ-27 whose address it is', () => {
  test.each([
    ['nothing forwarded', '198.51.100.1', undefined, '198.51.100.1'],
    ['forged from outside', '198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['said by a trusted proxy', PROXY, '203.0.113.9', '203.0.113.9'],
    ['forged before a trusted proxy', PROXY, '1.1.1.1, 203.0.113.9', '203.0.113.9'],
    ['through two trusted proxies', PROXY, '1.1.1.1, 203.0.113.9,192.0.2.7', '203.0.113.9'],
    ['a trusted proxy over IPv6', '2001:db8:1::5', '2001:db8:ffff::9', '2001:db8:ffff::9'],
    ['a socket for both families', '::ffff:10.1.2.3', '::ffff:203.0.113.9', '203.0.113.9'],
    ['a proxy itself', PROXY, undefined, PROXY],
    ['an empty header', PROXY, '', PROXY],
    ['no address in it', PROXY, '203.0.113.9, unknown', PROXY],
    ['trusted all the way', PROXY, '10.9.9.9', '10.9.9.9'],
    ['no socket', '', '203.0.113.9', ''],
  ])('%s', (_, socket, forwarded, expected) => {
    expect(clientAddress(socket, forwarded, proxies)).toBe(expected)
  })

  test('without trusted proxies no header counts, not even from this machine', () => {
    expect(clientAddress('127.0.0.1', '203.0.113.9', nobody)).toBe('127.0.0.1')
  })
})

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('F-75 %s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
