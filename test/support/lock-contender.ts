// A process that tries to take a volume's lock when it is told to and says whether it got it; a test starts several at once.
import { acquireVolumeLock, VolumeInUseError, type VolumeLock } from '../../agent/files/volume-lock.ts';

let lock: VolumeLock | undefined;

async function attempt(path: string, at: number): Promise<string> {
  // Spinning meets the instant better than a timer.
  while (Date.now() < at);
  try {
    lock = await acquireVolumeLock(path);
    return 'won';
  } catch (error) {
    return error instanceof VolumeInUseError ? 'refused' : String(error);
  }
}

process.on('message', ({ path, at }: { path?: string; at?: number }) => {
  const answer = path === undefined ? lock?.release().then(() => 'released') : attempt(path, at ?? 0);
  void Promise.resolve(answer).then((outcome) => process.send?.(outcome ?? 'released'));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
