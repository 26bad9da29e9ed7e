/** How a person has the authority trusted, for each place that keeps a list of its own. Every one of them can be undone. */
const ways = (file) => [
  ['macOS', `security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db ${file}`],
  ['Linux', `sudo cp ${file} /usr/local/share/ca-certificates/grove.crt && sudo update-ca-certificates`],
  ['Chrome on Linux', `certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n Grove -i ${file}   (of libnss3-tools)`],
  ['Windows', `certutil -user -addstore Root ${file}`],
  ['Firefox', `Settings, Privacy & Security, View Certificates, Authorities, Import: ${file}`],
]

/** @param {string} file the certificate of the authority */
export function howToTrust(file) {
  const lines = ways(file).map(([place, command]) => `    ${place.padEnd(17)}${command}`)
  return `  Browsers warn until they trust the authority of this machine. It signs for names below .test alone; docs/https.md says what
  trusting it means, and how to take it back.

${lines.join('\n')}
`
}
