// How a person installs nats-server on each system, in words; it looks at nothing.

const elsewhere =
  'or download it from https://github.com/nats-io/nats-server/releases and set ROCKBOT_NATS_SERVER to the full path of the program';

/** One instruction for `process.platform`. */
export function installAdvice(platform: string): string {
  switch (platform) {
    case 'darwin':
      return `Install nats-server with "brew install nats-server", ${elsewhere}.`;
    case 'win32':
      return `Install nats-server with "choco install nats-server" or "scoop install nats-server", ${elsewhere}.`;
    case 'linux':
      return `Install nats-server with "sudo apt install nats-server" (Debian, Ubuntu) or your system's package manager, ${elsewhere}.`;
    default:
      return `Install nats-server from your system's packages, ${elsewhere}.`;
  }
}
