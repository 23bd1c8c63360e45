import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** What this machine is called for good: a host name changes with the network that a laptop is in, these do not. */
export function machineId(): string {
  return linuxId() ?? (process.platform === 'darwin' ? macId() : undefined) ?? hostname()
}

function linuxId(): string | undefined {
  try {
    // Empty in some containers.
    return readFileSync('/etc/machine-id', 'utf8').trim() || undefined
  } catch {
    return undefined // another system
  }
}

function macId(): string | undefined {
  try {
    const tree = execFileSync('/usr/sbin/ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice'], { encoding: 'utf8' })
    return /"IOPlatformUUID" = "([^"]+)"/.exec(tree)?.[1]
  } catch {
    return undefined // the host name will do
  }
}
