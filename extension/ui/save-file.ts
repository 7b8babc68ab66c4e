// Saves a file that came inside a result, where the person says. It knows no panels.
import { homedir } from 'node:os';
import { FileType, Uri, window, workspace } from 'vscode';
import { fileBytes, fileNameOf } from '../results/file-to-save.ts';
import { showBriefly, showError } from './messages.ts';

export interface FileInResult {
  name: string;
  mimeType: string | undefined;
  base64: string | undefined;
}

export async function saveFile({ name, mimeType, base64 }: FileInResult): Promise<void> {
  const bytes = base64 === undefined ? undefined : fileBytes(base64);
  if (bytes === undefined) {
    void showError('This file cannot be saved: its content is damaged, or too large to be written from here.');
    return;
  }
  const fileName = fileNameOf({ name, mimeType });
  const target = await window.showSaveDialog({
    title: 'Save File',
    saveLabel: 'Save',
    defaultUri: Uri.joinPath(await startFolder(), fileName),
  });
  if (target === undefined) return;
  try {
    await workspace.fs.writeFile(target, bytes);
    showBriefly(`Saved ${fileName}`, 'check');
  } catch {
    void showError(`${fileName} could not be written there. Choose another folder.`);
  }
}

/** A folder that was opened in the window, else the person's own. */
async function startFolder(): Promise<Uri> {
  const [folder] = workspace.workspaceFolders ?? [];
  const isThere =
    folder !== undefined &&
    (await workspace.fs.stat(folder.uri).then(
      ({ type }) => (type & FileType.Directory) !== 0,
      () => false,
    ));
  return isThere ? folder.uri : Uri.file(homedir());
}
