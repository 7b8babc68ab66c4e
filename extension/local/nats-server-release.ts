// The pinned official nats-server release and its checksums; it downloads nothing.

export interface NatsServerArchive {
  url: string;
  /** SHA-256 of the archive, in hex. */
  sha256: string;
}

export const releaseVersion = '2.14.5';

/**
 * By `${process.platform}-${process.arch}`. From the release's SHA256SUMS as nats-io/nats-docker (Linux, Windows) and
 * cashapp/hermit-packages (Linux, macOS) pin them; a platform whose checksum could not be compared in two independent
 * places is left out.
 */
const archives: Readonly<Record<string, { name: string; sha256: string }>> = {
  'linux-x64': {
    name: 'linux-amd64.tar.gz',
    sha256: '5e3b603d47c447bda1f77f9ac16dbf91c90aac4ff3681f8fbbc7201e4ed99355',
  },
  'linux-arm64': {
    name: 'linux-arm64.tar.gz',
    sha256: '673a98d3faa79dde3f9ebf16d6dfac36a5f694e7ad2015e4954dd7939c85cd4c',
  },
  'darwin-x64': {
    name: 'darwin-amd64.tar.gz',
    sha256: 'f95c98d6b6ed2b63c5681b46b092c9585c99767d547cf495730c329234625e96',
  },
  'darwin-arm64': {
    name: 'darwin-arm64.tar.gz',
    sha256: 'ddd907854d9a2de834af133fa396915fe6442fe6d8909ae31390d1ea7a0fea50',
  },
  'win32-x64': {
    name: 'windows-amd64.zip',
    sha256: 'f66f840a211ab665083b88e9b7edbcf6296cda143be47e53e6f6bb8520692bbb',
  },
};

/** Undefined when no checksum is pinned for this platform. */
export function releaseArchive(platform: string, arch: string): NatsServerArchive | undefined {
  const archive = archives[`${platform}-${arch}`];
  if (archive === undefined) return undefined;
  const base = `https://github.com/nats-io/nats-server/releases/download/v${releaseVersion}`;
  return { url: `${base}/nats-server-v${releaseVersion}-${archive.name}`, sha256: archive.sha256 };
}
