import type { AccountPageProps } from './account.tsx'
import { scopeInWords } from './consent.tsx'
import { messages } from './messages.ts'
import { SiteAddress } from './site-address.tsx'
import { relativeTime } from './times.ts'

type Device = AccountPageProps['devices'][number]

/** My devices × the sites that each of them is signed in to: one cell, one device or everything can be ended. */
export function Devices({ devices, formToken, now }: AccountPageProps) {
  const text = messages().account
  return (
    <section class="sheet sheet--wide" id="devices" aria-labelledby="devices-heading">
      <h2 id="devices-heading">{text.devices}</h2>
      <p>{text.devicesNote}</p>
      <ul class="devices">
        {devices.map((device) => (
          <DeviceCard key={device.sessionId} device={device} formToken={formToken} now={now} />
        ))}
      </ul>
      {devices.length > 1 && (
        <Act
          act="end-all"
          formToken={formToken}
          label={text.endAll}
          button="button button--edge"
          id="end-all"
        />
      )}
    </section>
  )
}

function DeviceCard({ device, formToken, now }: { device: Device; formToken: string; now: Date }) {
  const text = messages().account
  const name = device.name ?? text.unknownDevice
  const session = device.sessionId
  return (
    <li class={device.isThisOne ? 'device device--this' : 'device'}>
      <h3>
        {name}
        {device.isThisOne && <span class="badge">{text.thisBrowser}</span>}
      </h3>
      <p class="when">
        {text.signedIn}{' '}
        <time datetime={device.signedInAt.toISOString()}>{relativeTime(device.signedInAt, now)}</time>
        {text.at(device.signedInVia)} {text.ends}{' '}
        <time datetime={device.endsAt.toISOString()}>{relativeTime(device.endsAt, now)}</time>.
      </p>
      {device.sites.length > 0 && (
        <ul class="rows">
          {device.sites.map((site) => (
            <li class="row" key={site.id}>
              <span class="row__text">
                <strong>{site.name}</strong>
                <SiteAddress uri={site.uri} />
              </span>
              <Act
                act="leave"
                fields={{ session, client: site.id }}
                formToken={formToken}
                label={text.leave}
                about={text.leaveAbout(site.name, name)}
              />
            </li>
          ))}
        </ul>
      )}
      <Act
        act="end-device"
        fields={{ session }}
        formToken={formToken}
        label={device.isThisOne ? text.endThisBrowser : text.endDevice}
        about={device.isThisOne ? undefined : text.endDeviceAbout(name)}
      />
    </li>
  )
}

/** Clients that are not the company's own, and what this person allowed them. */
export function ConnectedApplications({ applications, formToken, now }: AccountPageProps) {
  const text = messages().account
  return (
    <section class="sheet" id="applications" aria-labelledby="applications-heading">
      <h2 id="applications-heading">{text.applications}</h2>
      <p>{applications.length > 0 ? text.applicationsNote : text.noApplications}</p>
      <ul class="devices">
        {applications.map(({ client, scopes, at }) => (
          <li class="device" key={client.id}>
            <h3>{client.name}</h3>
            <SiteAddress uri={client.uri} />
            <ul class="permissions">
              {scopes.map((scope) => (
                <li key={scope}>{scopeInWords(scope)}</li>
              ))}
            </ul>
            <p class="when">
              {text.allowed} <time datetime={at.toISOString()}>{relativeTime(at, now)}</time>
            </p>
            <Act
              act="withdraw"
              fields={{ client: client.id }}
              formToken={formToken}
              label={text.withdraw}
              about={text.withdrawAbout(client.name)}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}

export function RecentEvents({ events, now }: AccountPageProps) {
  const text = messages().account
  return (
    <section class="sheet sheet--wide" id="events" aria-labelledby="events-heading">
      <h2 id="events-heading">{text.events}</h2>
      <ol class="events">
        {events.map(({ type, at, clientName }) => (
          <li key={`${at.getTime()} ${type} ${clientName}`}>
            <span>{text.eventInWords(type, clientName)}</span>
            <time datetime={at.toISOString()}>{relativeTime(at, now)}</time>
          </li>
        ))}
      </ol>
    </section>
  )
}

interface ActProps {
  act: string
  fields?: Record<string, string>
  formToken: string
  label: string
  /** The whole sentence, where the label alone says too little. It begins with the label. */
  about?: string | undefined
  button?: string
  id?: string
}

/** One thing to end, as a form of its own, so that it works without script. */
function Act({ act, fields = {}, formToken, label, about, button = 'act', id }: ActProps) {
  return (
    <form class="act-form" method="post" action="/account">
      <input type="hidden" name="form_token" value={formToken} />
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <button class={button} id={id} type="submit" name="act" value={act} aria-label={about}>
        {label}
      </button>
    </form>
  )
}
