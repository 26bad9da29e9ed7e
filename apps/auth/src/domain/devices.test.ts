import { expect, test } from 'vitest'
import { deviceOf } from './devices.ts'

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)'
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)'

test.each([
  ['Firefox on Linux', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'],
  ['Chrome on Windows', `${WINDOWS} Chrome/150.0.0.0 Safari/537.36`],
  ['Edge on Windows', `${WINDOWS} Chrome/150.0.0.0 Safari/537.36 Edg/150.0.0.0`],
  ['Opera on Windows', `${WINDOWS} Chrome/150.0.0.0 Safari/537.36 OPR/130.0`],
  ['Safari on Mac', `${MAC} Version/19.0 Safari/605.1.15`],
  [
    'Safari on iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1',
  ],
  ['Chrome on iPad', 'Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) CriOS/150.0 Mobile/15E148 Safari/604.1'],
  ['Chrome on Android', 'Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/150.0.0.0 Mobile Safari/537.36'],
  ['Chrome on Chrome OS', 'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/150.0.0.0 Safari/537.36'],
  ['Linux', 'curl-like/1.0 (Linux)'],
  [null, 'curl/8.1'],
  [null, ''],
])('%s', (device, userAgent) => {
  expect(deviceOf(userAgent)).toBe(device)
})

test('without the header there is no label', () => {
  expect(deviceOf(undefined)).toBeNull()
})
