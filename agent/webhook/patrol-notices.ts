// What the operator's webhook is told of patrols: that one was blind or failed, once until a run of it sees everything again. Of
// what was found, and of what servers said, nothing is told.
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { WebhookNotice } from './webhook-notice.ts';
import type { WebhookSender } from './webhook-sender.ts';

type Told = Pick<WebhookNotice, 'text' | 'data'>;

export class PatrolNotices {
  readonly #sender: Pick<WebhookSender, 'send' | 'openEpisodes'>;

  constructor({ sender }: { sender: Pick<WebhookSender, 'send' | 'openEpisodes'> }) {
    this.#sender = sender;
  }

  /** Call it with every change of a run; what has not ended, was cancelled or not run is left out. */
  follow(run: PatrolRun): void {
    if (run.endedAt === undefined) return;
    if (run.status === 'ok') this.#recovered(run, run.endedAt);
    if (run.status === 'blind') this.#began('blind', run, run.endedAt, blindWords(run));
    if (run.status === 'failed') this.#began('failed', run, run.endedAt, failedWords(run));
  }

  #began(what: 'blind' | 'failed', { patrol, runId }: PatrolRun, at: string, { text, data }: Told): void {
    const lane = laneOf(patrol);
    const isTold = this.#sender.openEpisodes(lane).some(({ episode }) => episode.startsWith(`${what}-`));
    if (isTold) return;
    const episodeId = `${what}-${runId}`;
    this.#sender.send({
      type: `patrol.${what}`,
      id: `${episodeId}.${what}`,
      lane,
      at,
      text,
      data: { episodeId, patrol, runId, ...data },
      opens: episodeId,
    });
  }

  #recovered({ patrol, runId }: PatrolRun, at: string): void {
    const lane = laneOf(patrol);
    for (const { episode } of this.#sender.openEpisodes(lane))
      this.#sender.send({
        type: 'patrol.recovered',
        id: `${episode}.recovered`,
        lane,
        at,
        text: `The patrol "${patrol}" sees everything again.`,
        data: { episodeId: episode, patrol, runId },
        closes: episode,
      });
  }
}

function laneOf(patrol: string): string {
  return `patrol:${patrol}`;
}

function blindWords({ patrol, blind }: PatrolRun): Told {
  const servers = [...new Map(blind.map(({ server, code }) => [server, { server, code }])).values()];
  const names = servers.map(({ server }) => server).join(', ');
  return {
    text: `The patrol "${patrol}" could not see ${names}; its result does not mean that nothing is there. Run "rockbot patrols history" for why.`,
    data: { blind: servers },
  };
}

function failedWords({ patrol, error }: PatrolRun): Told {
  return {
    text: `The patrol "${patrol}" failed. Run "rockbot patrols history" for the step and the error.`,
    data: { code: error?.code },
  };
}
