import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import forge from 'node-forge'

/** One value of DER, shorter than 128 bytes. */
const der = (tag, ...parts) => {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, content.length]), content])
}
const SEQUENCE = 0x30
const subtree = (generalName) => der(SEQUENCE, generalName)
const dnsName = (name) => der(0x82, Buffer.from(name))
const everyAddressOf = (bytes) => der(0x87, Buffer.alloc(bytes * 2)) // an address and its mask, all zero

/** NameConstraints (RFC 5280 §4.2.1.10): permitted are names below .test, excluded every address of IPv4 and of IPv6. */
const BELOW_TEST_ALONE = der(
  SEQUENCE,
  der(0xa0, subtree(dnsName('test'))),
  der(0xa1, subtree(everyAddressOf(4)), subtree(everyAddressOf(16))),
)

/**
 * A certificate authority whose certificates are worth nothing for any name but those below .test, whoever has its key. Npm `mkcert` makes
 * none like it, and signs with it as with any other.
 *
 * @param {{ name: string, days: number }} options
 * @returns {Promise<{ key: string, cert: string }>} PEM
 */
export async function makeAuthority({ name, days }) {
  const { pki, md } = forge
  const keys = await promisify(pki.rsa.generateKeyPair)({ bits: 2048 })
  const certificate = pki.createCertificate()
  certificate.publicKey = keys.publicKey
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}` // positive (RFC 5280 §4.1.2.2)
  certificate.validity.notBefore = new Date()
  certificate.validity.notAfter = new Date(Date.now() + days * 86_400_000)
  const subject = [{ name: 'commonName', value: name }]
  certificate.setSubject(subject)
  certificate.setIssuer(subject)
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectKeyIdentifier' },
    { id: '2.5.29.30', critical: true, value: BELOW_TEST_ALONE.toString('latin1') },
  ])
  certificate.sign(keys.privateKey, md.sha256.create())
  return { key: pki.privateKeyToPem(keys.privateKey), cert: pki.certificateToPem(certificate) }
}
