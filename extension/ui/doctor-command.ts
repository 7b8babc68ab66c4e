// The command "Doctor" and its tab that comes back after a reload; all else is loaded when it is first wanted.
import { window, type Disposable } from 'vscode';
import { panelTypes } from '../contributions.ts';
import { loadedPart } from '../loaded-part.ts';
import type { DoctorOptions } from './doctor.ts';
import { onDemand } from './on-demand.ts';
import { tellNotLoaded } from './tell-not-loaded.ts';

export interface DoctorCommand extends Disposable {
  run(): Promise<void>;
  /** To be told of every state of the connection. */
  changed(): void;
}

export function createDoctorCommand(options: DoctorOptions): DoctorCommand {
  const doctor = onDemand(async () => (await loadedPart(import('./doctor.ts'))).createDoctor(options), tellNotLoaded);
  const serializer = window.registerWebviewPanelSerializer(panelTypes.doctor, {
    deserializeWebviewPanel: (panel, state: unknown) => doctor.use((made) => made.restore(panel, state)),
  });
  return {
    run: () => doctor.use((made) => made.run()),
    changed: () => doctor.made?.changed(),
    dispose: () => {
      serializer.dispose();
      doctor.dispose();
    },
  };
}
