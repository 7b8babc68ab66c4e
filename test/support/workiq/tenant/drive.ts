// One person's OneDrive: items in folders and the bytes behind them. Knows no path, query or policy.
import { instant } from './days.ts';
import { driveItemId } from './identity.ts';
import type { Person } from './people.ts';

export type DriveItem = {
  '@odata.etag': string;
  id: string;
  name: string;
  size: number;
  createdDateTime: string;
  lastModifiedDateTime: string;
  webUrl: string;
  lastModifiedBy: { user: { displayName: string; email: string } };
  file?: { mimeType: string };
  folder?: { childCount: number };
  parentReference: { driveId: string; driveType: 'business'; id: string; path: string };
};

export type NewItem = { name: string; modified: Date; by: Person } & (
  { folder: true } | { mimeType: string; content: () => Buffer; size: number }
);

export class Drive {
  readonly id: string;
  readonly rootId: string;
  readonly #owner: Person;
  readonly #items: DriveItem[] = [];
  readonly #content = new Map<string, () => Buffer>();

  constructor(owner: Person) {
    this.#owner = owner;
    this.id = `b!${driveItemId(`${owner.id}/drive`).toLowerCase()}`;
    this.rootId = driveItemId(`${owner.id}/root`);
  }

  get items(): DriveItem[] {
    return [...this.#items];
  }

  item(id: string): DriveItem | undefined {
    return this.#items.find((item) => item.id === id);
  }

  children(folderId: string): DriveItem[] {
    return this.#items.filter((item) => item.parentReference.id === folderId);
  }

  /** The item under a path such as `Specs/Lockbox design.md`, relative to the root. */
  byPath(path: string): DriveItem | undefined {
    let parentId = this.rootId;
    let found: DriveItem | undefined;
    for (const name of path.split('/').filter(Boolean)) {
      found = this.children(parentId).find((item) => item.name.toLowerCase() === name.toLowerCase());
      if (!found) return undefined;
      parentId = found.id;
    }
    return found;
  }

  content(item: DriveItem): Buffer | undefined {
    return this.#content.get(item.id)?.();
  }

  add(item: NewItem, parent?: DriveItem): DriveItem {
    const path = parent ? `${parent.parentReference.path}/${parent.name}` : '/drive/root:';
    const id = driveItemId(`${this.#owner.id}${path}/${item.name}`);
    const isFolder = 'folder' in item;
    const added: DriveItem = {
      '@odata.etag': `"{${id.slice(2)}},1"`,
      id,
      name: item.name,
      size: isFolder ? 0 : item.size,
      createdDateTime: instant(item.modified),
      lastModifiedDateTime: instant(item.modified),
      webUrl: `https://contoso-my.sharepoint.example/personal/${this.#owner.givenName.toLowerCase()}/Documents${encodeURI(`${path.slice('/drive/root:'.length)}/${item.name}`)}`,
      lastModifiedBy: { user: { displayName: item.by.displayName, email: item.by.mail } },
      ...(isFolder ? { folder: { childCount: 0 } } : { file: { mimeType: item.mimeType } }),
      parentReference: { driveId: this.id, driveType: 'business', id: parent?.id ?? this.rootId, path },
    };
    if (!isFolder) this.#content.set(id, item.content);
    if (parent?.folder) {
      parent.folder.childCount++;
      parent.size += added.size;
    }
    this.#items.push(added);
    return added;
  }
}
