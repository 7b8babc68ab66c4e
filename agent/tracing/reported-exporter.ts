// An exporter of spans that says once when it fails and once when it works again; it never says what it sent or was answered.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.ts';

type Done = Parameters<SpanExporter['export']>[1];

export interface ReportedExporterOptions {
  exporter: SpanExporter;
  /** Where it exports to, for the log. */
  origin: string;
  logger: Logger;
}

export class ReportedExporter implements SpanExporter {
  readonly #options: ReportedExporterOptions;
  /** Spans since it began to fail. */
  #lost = 0;

  constructor(options: ReportedExporterOptions) {
    this.#options = options;
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#options.exporter.export(spans, (result) => {
      // 0 is success; see ExportResultCode.
      const code: number = result.code;
      if (code === 0) this.#succeeded();
      else this.#failed(spans.length, result.error);
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.#options.exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.#options.exporter.shutdown();
  }

  #succeeded(): void {
    const { logger, origin } = this.#options;
    if (this.#lost > 0)
      logger.info('Traces can be exported again; some spans are missing.', { origin, lost: this.#lost });
    this.#lost = 0;
  }

  #failed(count: number, error: Error | undefined): void {
    const { logger, origin } = this.#options;
    if (this.#lost === 0)
      logger.warn('Traces cannot be exported; calls go on without. This is told once.', { origin, why: whyOf(error) });
    this.#lost += count;
  }
}

/** The system's or HTTP's own code; messages and bodies are in a stranger's words. */
function whyOf(error: Error | undefined): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code === 'number') return `HTTP ${code}`;
  if (typeof code === 'string') return code;
  return error?.message === 'Request timed out' ? 'timeout' : (error?.name ?? 'unknown');
}
